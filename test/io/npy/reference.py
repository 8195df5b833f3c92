"""Writes the files that the tests of io.loadNpy and io.loadNpz read, with numpy.

    python3 test/io/npy/reference.py

The tests need no Python for them.
"""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
NUMBERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]


def main():
    arrays = {}
    for order in "<>":
        for name in NUMBERS:
            arrays[f"{order}{name}"] = np.array([[1, 2, 3], [4, 5, 6]]).astype(order + name)
        for name in ["c8", "c16"]:
            arrays[f"{order}{name}"] = np.array([1 + 2j, -0.5j]).astype(order + name)
    arrays["bool"] = np.array([True, False])
    arrays["scalar"] = np.array(2.5)
    arrays["empty"] = np.zeros((0, 3), np.float32)
    arrays["columns"] = np.asfortranarray(np.arange(24).reshape(2, 3, 4))
    arrays["big columns"] = np.asfortranarray(np.arange(6).reshape(2, 3)).astype(">i2")
    np.savez(HERE / "arrays.npz", **arrays)
    np.savez_compressed(HERE / "compressed.npz", zeros=np.zeros(10_000), ones=np.ones((2, 2)))

    array = np.arange(6, dtype=np.float64).reshape(2, 3)
    for version in [(1, 0), (2, 0), (3, 0)]:
        with open(HERE / f"version-{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, array, version=version)
    np.save(HERE / "columns.npy", np.asfortranarray(array))
    np.save(HERE / "scalar.npy", np.array(7, np.int64))
    np.save(HERE / "vector.npy", np.array([True, False, True]))
    # As ml_dtypes' bfloat16 is written: 1.5 and -2.
    np.save(HERE / "bytes.npy", np.array([0x3FC0, 0xC000], np.uint16).view("V2"))
    np.save(HERE / "objects.npy", np.array([{}], object), allow_pickle=True)
    np.save(HERE / "records.npy", np.zeros(2, [("a", "<f4"), ("b", "<i4")]))
    np.save(HERE / "texts.npy", np.array(["a", "bc"]))
    np.save(HERE / "dates.npy", np.array(["2020-01-01"], "datetime64[D]"))
    np.save(HERE / "long.npy", np.zeros(2, np.longdouble))


if __name__ == "__main__":
    main()

// How a call crosses from JavaScript to C++ and back.
//
// Every environment (a JavaScript thread, or one context of a test runner) shares one small block of
// memory with its JavaScript: a header of 32-bit integers, then 64 cells of 16 bytes. JavaScript writes
// the operator and its arguments in schema order into the cells and makes one native call without
// arguments; C++ leaves the results in the same cells. Reading a typed array costs a nanosecond, an argument
// fetched through Node-API ten: a small operator would notice. Lists and strings lie in a second block, `side`,
// which grows when it must. lib/tensor/protocol.ts holds the same numbers; loading compares the two.
#pragma once

#include <cstdint>

namespace torchwright {

enum Header : int {
  kOp = 0,        // operator id
  kArgc = 1,      // arguments written
  kResults = 2,   // results written
  kScope = 3,     // scope that new tensors belong to, 0 = none: garbage collection frees them
  kMode = 4,      // 0 run, 1 hand the call to another thread (see async.cc)
  kPressure = 5,  // set by C++ when enough was made to ask for a collection
  kSideGrown = 6, // set by C++ when `side` was replaced by a larger block
  kFailed = 7,    // set by C++ when a function gives back an error for JavaScript to throw (errors.h)
  kHeaderWords = 16,
};

enum Tag : int32_t {
  kAbsent = 0,     // use the schema's default
  kNone = 1,       // null
  kTensor = 2,     // aux = generation, index = slot
  kNumber = 3,     // a JavaScript number; whole numbers count as integers where a Scalar is asked for
  kBool = 4,       // index = 0 or 1
  kBigInt = 5,     // a 64-bit integer
  kString = 6,     // aux = bytes, index = byte offset in side, UTF-8
  kTensorList = 7, // aux = length, index = byte offset in side of {slot, generation} pairs; slot -1 = null
  kNumberList = 8, // aux = length, index = byte offset in side of doubles
  kList = 9,       // aux = length, index = byte offset in side of cells
  kDtype = 10,     // index = c10::ScalarType
  kLayout = 11,    // index = c10::Layout
  kDevice = 12,    // index = c10::DeviceType, aux = device index
  kMemoryFormat = 13,
  kComplex = 14,   // index = byte offset in side of two doubles
  kGenerator = 15, // index = id
  kDouble = 16,    // a number that is a floating-point Scalar even when whole
  kSame = 17,      // result only: index = argument that is returned itself
};

constexpr int kCells = 64;

struct Cell {
  int32_t tag;
  int32_t aux;
  union {
    double number;
    int64_t bigint;
    int32_t index;
  };
};
static_assert(sizeof(Cell) == 16);

} // namespace torchwright

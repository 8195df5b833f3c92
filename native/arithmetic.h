// Integer division by zero inside libtorch's kernels.
#pragma once

namespace torchwright {

// On x86 an integer division by zero, and of the smallest number by -1, is a signal that ends the process, and not all
// kernels check. From here on it has the result that it has on ARM, where nothing is signalled: 0 and the smallest number.
void tameIntegerDivision();

} // namespace torchwright

// The end of the process.
#pragma once

namespace torchwright {

// libtorch's static destructors take back its operators one by one, which costs a tenth of a second, while threads may still be
// computing with them. From here on the process ends before they run, once everything of Node and what `beforeEnd` was told is done.
// TORCHWRIGHT_FULL_EXIT=1 leaves them to run: for leak checkers, and for profilers that write their file at the very end.
void endEarly();

// Work for the end of the process, whichever way it ends short of a crash or a kill.
void beforeEnd(void (*work)());

} // namespace torchwright

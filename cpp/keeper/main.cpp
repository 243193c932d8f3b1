// The program that stays beside a recorded one and makes the trace of it when that one cannot. Without Python; all of
// it is drivers/keeper.
#include "drivers/keeper.hpp"

int main(int argc, char** argv) {
    return tracypy::drivers::keep_recording(argc, argv);
}

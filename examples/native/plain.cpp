// The same library in a program without Python: its zones do nothing.
#include <cstdio>

#include "solver.hpp"

int main() {
    std::printf("%.3f\n", solve(10));
    return tracypy_is_connected();
}

// The texts of source files.
#pragma once

#include <string>

namespace tracypy::model {

struct SourceFile {
    std::string name;  // as source locations have it
    std::string text;  // its bytes, whatever their encoding
};

}  // namespace tracypy::model

// The layout of rows that NumPy looks at in place, as NumPy spells it: pairs of a name and a type code.
#pragma once

#include <nanobind/nanobind.h>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace tracypy::bindings {

template <typename Number>
constexpr const char* numpy_code() {
    static_assert(std::endian::native == std::endian::little, "the codes below say so");
    if constexpr (std::same_as<Number, std::int64_t>) {
        return "<i8";
    } else if constexpr (std::same_as<Number, std::uint64_t>) {
        return "<u8";
    } else if constexpr (std::same_as<Number, std::uint32_t>) {
        return "<u4";
    } else if constexpr (std::same_as<Number, std::uint64_t>) {
        return "<u8";
    } else {
        static_assert(std::same_as<Number, double>);
        return "<f8";
    }
}

struct FieldLayout {
    const char* name;
    const char* code;
    std::size_t offset;
    std::size_t size;
};

#define TRACYPY_FIELD(Row, field)                                                                                 \
    ::tracypy::bindings::FieldLayout {                                                                            \
        #field, ::tracypy::bindings::numpy_code<decltype(Row::field)>(), offsetof(Row, field), sizeof(Row::field) \
    }

/// True if the fields are all that a row of `row_size` bytes has, in order and without gaps.
template <std::size_t kCount>
constexpr bool is_whole_row(const std::array<FieldLayout, kCount>& fields, std::size_t row_size) {
    std::size_t end = 0;
    for (const FieldLayout& field : fields) {
        if (field.offset != end) return false;
        end += field.size;
    }
    return end == row_size;
}

template <std::size_t kCount>
nanobind::tuple as_tuple(const std::array<FieldLayout, kCount>& fields) {
    nanobind::list pairs;
    for (const FieldLayout& field : fields) pairs.append(nanobind::make_tuple(field.name, field.code));
    return nanobind::tuple(pairs);
}

}  // namespace tracypy::bindings

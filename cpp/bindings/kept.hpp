// Tables of numbers that live as long as whoever looks at them.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace tracypy::bindings {

inline nanobind::object kept(std::vector<std::int64_t>&& values) {
    using Numbers = nanobind::ndarray<nanobind::memview, const std::int64_t, nanobind::ndim<1>, nanobind::c_contig>;
    if (values.empty()) values.reserve(1);  // an empty vector has no address, and views want one
    auto* const table = new std::vector<std::int64_t>(std::move(values));
    const nanobind::capsule owner(
        table, [](void* pointer) noexcept { delete static_cast<std::vector<std::int64_t>*>(pointer); });
    return nanobind::cast(Numbers(table->data(), {table->size()}, owner));
}

}  // namespace tracypy::bindings

// How the table comes to those who have included tracypy.h: libraries that are there when tracypy is imported have it
// put into their slot; one that is loaded later looks for `tracypy_private_published_1`; whoever holds the GIL may also
// take the capsule.
#include <atomic>
#include <string>
#include <vector>

#include "cpython/native/api.hpp"
#include "cpython/native/publish.hpp"
#include "cpython/process_recorder.hpp"

#if defined(__ELF__)
#include <dlfcn.h>
#include <link.h>
#endif

extern "C" {
/// Null until tracypy is imported. Read by tracypy.h, by this name.
__attribute__((visibility("default"), used)) const tracypy_private_api* tracypy_private_published_1 = nullptr;
}

namespace tracypy::cpython {
namespace native {
namespace {

static_assert(sizeof(std::atomic<std::uint64_t>) == sizeof(std::uint64_t) &&
              std::atomic<std::uint64_t>::is_always_lock_free);

const tracypy_private_api& table() noexcept {
    static const tracypy_private_api made = [] {
        tracypy_private_api rows{};
        rows.version = TRACYPY_PRIVATE_VERSION;
        rows.size = sizeof rows;
        rows.listening = reinterpret_cast<const std::uint64_t*>(process_recorder().epoch_address());
        add_zones(rows);
        add_events(rows);
        add_objects(rows);
        return rows;
    }();
    return made;
}

#if defined(__ELF__)

// Asked for later: the loader's lock is held meanwhile.
int note_path(dl_phdr_info* info, std::size_t, void* paths) noexcept {
    try {
        if (info->dlpi_name != nullptr) static_cast<std::vector<std::string>*>(paths)->emplace_back(info->dlpi_name);
    } catch (...) {
        return 1;  // out of memory: that library has to ask itself
    }
    return 0;
}

void fill(void* symbol) noexcept {
    auto& slot = *static_cast<tracypy_private_slot*>(symbol);
    if (slot.version != TRACYPY_PRIVATE_VERSION || slot.size < sizeof slot) return;
    std::atomic_ref(slot.api).store(&table(), std::memory_order_release);
    std::atomic_ref(slot.listening).store(table().listening, std::memory_order_release);
}

/// In a library, or one of those that it needs. The one without a name is the program itself.
void fill_in(const char* path) noexcept {
    void* const library = dlopen(*path != '\0' ? path : nullptr, RTLD_LAZY | RTLD_NOLOAD);
    if (library != nullptr) {  // not gone meanwhile, nor the kernel's own
        if (void* const symbol = dlsym(library, "tracypy_private_slot_1")) fill(symbol);
        dlclose(library);
    }
    (void)dlerror();  // nobody else's business
}

void tell_libraries() noexcept try {
    std::vector<std::string> paths;
    dl_iterate_phdr(note_path, &paths);
    for (const std::string& path : paths) fill_in(path.c_str());
} catch (...) {
    // Out of memory.
}

#else

void tell_libraries() noexcept {}

#endif

}  // namespace
}  // namespace native

bool publish_native_api(PyObject* module) noexcept {
    const tracypy_private_api& table = native::table();
    PyObject* const capsule = PyCapsule_New(const_cast<tracypy_private_api*>(&table), "tracypy._core._C_API", nullptr);
    const bool is_added = capsule != nullptr && PyModule_AddObjectRef(module, "_C_API", capsule) == 0;
    Py_XDECREF(capsule);
    if (!is_added) return false;
    // First this, then the others: one that is being loaded now is among them, or finds it.
    std::atomic_ref(tracypy_private_published_1).store(&table, std::memory_order_seq_cst);
    native::tell_libraries();
    return true;
}

}  // namespace tracypy::cpython

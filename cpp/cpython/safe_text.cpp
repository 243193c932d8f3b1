#include "cpython/safe_text.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "cpython/code_table.hpp"

namespace tracypy::cpython {
namespace {

constexpr std::size_t kMostBytes = 1000;     // of a whole text
constexpr Py_ssize_t kMostCharacters = 200;  // of one str or bytes in it
constexpr int kMostItems = 12;               // of one container
constexpr int kMostDepth = 4;
constexpr long long kMostBits = 1024;  // of an int: to write down a longer one takes long
constexpr std::string_view kMore = "…";

/// Owns a reference, or nothing. What made it may have failed: no error stays set.
class Ref {
public:
    explicit Ref(PyObject* object) noexcept : object_(object) {
        if (object == nullptr) PyErr_Clear();
    }
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    ~Ref() { Py_XDECREF(object_); }
    Ref& operator=(const Ref&) = delete;
    PyObject* get() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }

private:
    PyObject* object_;
};

std::string name_of_type(PyTypeObject* type) {
    if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0) {
        return cut_text(reinterpret_cast<PyHeapTypeObject*>(type)->ht_name, kMostCharacters);
    }
    const char* const dot = std::strrchr(type->tp_name, '.');
    return dot != nullptr ? dot + 1 : type->tp_name;
}

bool is_private(std::string_view name) noexcept {
    return name.empty() || name.front() == '_';
}

/// Up to kMostItems pairs of a dict, and whether there are more.
struct Pairs {
    std::vector<std::pair<Ref, Ref>> pairs;
    bool has_more = false;

    explicit Pairs(PyObject* dict) {
        const ObjectLock lock(dict);
        pairs.reserve(kMostItems);
        Py_ssize_t at = 0;
        PyObject* key = nullptr;
        PyObject* value = nullptr;
        while (PyDict_Next(dict, &at, &key, &value) != 0) {
            if (pairs.size() == kMostItems) {
                has_more = true;
                return;
            }
            pairs.emplace_back(Ref(Py_NewRef(key)), Ref(Py_NewRef(value)));
        }
    }
};

class Writer {
public:
    std::string take() && {
        if (is_full()) {
            std::size_t end = kMostBytes;
            while (end > 0 && (static_cast<unsigned char>(out_[end]) & 0xC0) == 0x80) --end;
            out_.resize(end);
            out_ += kMore;
        }
        return std::move(out_);
    }

    void add(std::string_view text) { out_ += text; }

    void show(PyObject* value) {
        if (is_full()) return;
        if (depth_ >= kMostDepth) return add(kMore);
        ++depth_;
        if (!show_scalar(value) && !show_container(value) && !show_named(value)) show_object(value);
        --depth_;
    }

private:
    bool is_full() const noexcept { return out_.size() > kMostBytes; }

    /// What `repr`, which is one of a built-in type, makes of `value`.
    bool show_by(reprfunc repr, PyObject* value) {
        const Ref text(repr(value));
        add(text ? cut_text(text.get(), 2 * kMostCharacters) : "?");
        return true;
    }

    bool show_scalar(PyObject* value) {
        if (value == Py_None || PyBool_Check(value) || value == Py_Ellipsis)
            return show_by(Py_TYPE(value)->tp_repr, value);
        if (PyLong_Check(value)) return wrapped(value, &PyLong_Type, [&] { show_int(value); });
        if (PyFloat_Check(value)) return wrapped(value, &PyFloat_Type, [&] { show_by(PyFloat_Type.tp_repr, value); });
        if (PyComplex_CheckExact(value)) return show_by(PyComplex_Type.tp_repr, value);
        if (PyUnicode_Check(value)) return wrapped(value, &PyUnicode_Type, [&] { show_str(value); });
        if (PyBytes_Check(value)) return wrapped(value, &PyBytes_Type, [&] { show_bytes(value); });
        return Py_IS_TYPE(value, &PyRange_Type) && show_by(PyRange_Type.tp_repr, value);
    }

    /// With the type's name around it, where that is not the built-in one itself.
    template <typename Show>
    bool wrapped(PyObject* value, PyTypeObject* type, const Show& show) {
        const bool is_exact = Py_IS_TYPE(value, type);
        if (!is_exact) add(name_of_type(Py_TYPE(value)) + "(");
        show();
        if (!is_exact) add(")");
        return true;
    }

    void show_int(PyObject* value) {
        int overflow = 0;
        (void)PyLong_AsLongLongAndOverflow(value, &overflow);
        if (overflow != 0) {
            const Ref bits(PyObject_CallMethod(reinterpret_cast<PyObject*>(&PyLong_Type), "bit_length", "(O)", value));
            const long long count = bits ? PyLong_AsLongLong(bits.get()) : kMostBits + 1;
            if (count > kMostBits) return add("<int of " + std::to_string(count) + " bits>");
        }
        show_by(PyLong_Type.tp_repr, value);
    }

    void show_str(PyObject* value) {
        const Ref part(PyUnicode_Substring(value, 0, kMostCharacters));
        if (!part) return add("?");
        show_by(PyUnicode_Type.tp_repr, part.get());
        if (PyUnicode_GET_LENGTH(value) > kMostCharacters) add(kMore);
    }

    void show_bytes(PyObject* value) {
        const Py_ssize_t size = PyBytes_GET_SIZE(value);
        const Ref part(PyBytes_FromStringAndSize(PyBytes_AS_STRING(value), std::min(size, kMostCharacters)));
        if (!part) return add("?");
        show_by(PyBytes_Type.tp_repr, part.get());
        if (size > kMostCharacters) add(kMore);
    }

    bool show_container(PyObject* value) {
        if (PyTuple_Check(value)) return wrapped(value, &PyTuple_Type, [&] { show_tuple(value); });
        if (PyList_Check(value)) return wrapped(value, &PyList_Type, [&] { show_list(value); });
        if (PyDict_Check(value)) return wrapped(value, &PyDict_Type, [&] { show_dict(value); });
        if (PyAnySet_CheckExact(value)) return show_set(value);
        return false;
    }

    void show_tuple(PyObject* value) {
        const Py_ssize_t size = PyTuple_GET_SIZE(value);
        add("(");
        for (Py_ssize_t i = 0; i < size && next(i); ++i) show(PyTuple_GET_ITEM(value, i));
        add(size == 1 ? ",)" : ")");
    }

    void show_list(PyObject* value) {
        add("[");
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(value) && next(i); ++i) {
            const Ref item(list_item(value, i));
            if (item) show(item.get());
        }
        add("]");
    }

    void show_dict(PyObject* value) {
        const Pairs items(value);
        add("{");
        bool is_first = true;
        for (const auto& [key, item] : items.pairs) {
            if (!std::exchange(is_first, false)) add(", ");
            show(key.get());
            add(": ");
            show(item.get());
        }
        add(items.has_more ? ", …}" : "}");
    }

    bool show_set(PyObject* value) {
        const bool is_frozen = Py_IS_TYPE(value, &PyFrozenSet_Type);
        if (PySet_GET_SIZE(value) == 0) {
            add(is_frozen ? "frozenset()" : "set()");
            return true;
        }
        add(is_frozen ? "frozenset({" : "{");
        const Ref items(PyObject_GetIter(value));
        for (Py_ssize_t i = 0; items; ++i) {
            const Ref item(PyIter_Next(items.get()));
            if (!item || !next(i)) break;
            show(item.get());
        }
        add(is_frozen ? "})" : "}");
        return true;
    }

    /// Before item `i`: a comma, or the end of what is shown.
    bool next(Py_ssize_t i) {
        if (i > 0) add(", ");
        if (i < kMostItems && !is_full()) return true;
        add(kMore);
        return false;
    }

    bool show_named(PyObject* value) {
        if (PyType_Check(value)) {
            add("<class " + name_of_type(reinterpret_cast<PyTypeObject*>(value)) + ">");
        } else if (PyFunction_Check(value)) {
            add("<function " + utf8_of(reinterpret_cast<PyFunctionObject*>(value)->func_qualname) + ">");
        } else if (PyCFunction_Check(value)) {
            add(std::string("<built-in ") + reinterpret_cast<PyCFunctionObject*>(value)->m_ml->ml_name + ">");
        } else if (PyExceptionInstance_Check(value)) {
            const Ref arguments(Py_XNewRef(reinterpret_cast<PyBaseExceptionObject*>(value)->args));
            add(name_of_type(Py_TYPE(value)));
            if (arguments && PyTuple_CheckExact(arguments.get())) show_tuple(arguments.get());
        } else {
            return false;
        }
        return true;
    }

    void show_object(PyObject* value) {
        const std::string type = name_of_type(Py_TYPE(value));
        const Ref attributes(PyObject_GenericGetDict(value, nullptr));
        const std::size_t start = out_.size();
        add(type + "(");
        bool has_any = attributes && PyDict_Check(attributes.get()) && show_attributes(attributes.get());
        has_any = show_slots(value, has_any) || has_any;
        if (has_any) return add(")");
        out_.resize(start);
        add("<" + type + " object>");
    }

    bool show_attributes(PyObject* dict) {
        const Pairs items(dict);
        bool has_any = false;
        for (const auto& [key, item] : items.pairs) {
            const std::string name = PyUnicode_CheckExact(key.get()) ? utf8_of(key.get()) : std::string();
            if (is_private(name)) continue;
            show_attribute(name, item.get(), std::exchange(has_any, true));
        }
        if (items.has_more) add(", …");
        return has_any || items.has_more;
    }

    bool show_slots(PyObject* value, bool has_any) {
        bool found = false;
        for (PyTypeObject* type = Py_TYPE(value); type != nullptr; type = type->tp_base) {
            if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0) break;
            for (PyMemberDef* member = type->tp_members; member != nullptr && member->name != nullptr; ++member) {
                if (member->type != Py_T_OBJECT_EX || is_private(member->name)) continue;
                const Ref item(PyMember_GetOne(reinterpret_cast<const char*>(value), member));
                if (item) show_attribute(member->name, item.get(), has_any || std::exchange(found, true));
            }
        }
        return found;
    }

    void show_attribute(std::string_view name, PyObject* value, bool is_next) {
        if (is_full()) return;
        if (is_next) add(", ");
        add(name);
        add("=");
        show(value);
    }

    std::string out_;
    int depth_ = 0;
};

// --- str(exception) ---

bool is_plain(PyObject* value) noexcept {
    return value == nullptr || value == Py_None || PyUnicode_CheckExact(value) || PyLong_CheckExact(value) ||
           PyFloat_CheckExact(value) || PyBytes_CheckExact(value) || PyBool_Check(value);
}

/// A tuple of such values, or of tuples of them.
bool are_plain(PyObject* values, int depth = 0) noexcept {
    if (values == nullptr || !PyTuple_CheckExact(values) || depth == kMostDepth) return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(values); ++i) {
        PyObject* const value = PyTuple_GET_ITEM(values, i);
        if (!is_plain(value) && !are_plain(value, depth + 1)) return false;
    }
    return true;
}

/// Whether str() runs nothing but the interpreter's own code: of these kinds, with values of built-in types.
bool has_plain_str(PyObject* exception) noexcept {
    const auto str_of = [](PyObject* kind) { return reinterpret_cast<PyTypeObject*>(kind)->tp_str; };
    const reprfunc str = Py_TYPE(exception)->tp_str;
    if (str == str_of(PyExc_BaseException) || str == str_of(PyExc_KeyError)) return true;
    if (str == str_of(PyExc_OSError)) {
        const auto* const error = reinterpret_cast<PyOSErrorObject*>(exception);
        return is_plain(error->myerrno) && is_plain(error->strerror) && is_plain(error->filename) &&
               is_plain(error->filename2);
    }
    if (str == str_of(PyExc_ImportError)) return is_plain(reinterpret_cast<PyImportErrorObject*>(exception)->msg);
    if (str == str_of(PyExc_SyntaxError)) {
        const auto* const error = reinterpret_cast<PySyntaxErrorObject*>(exception);
        return is_plain(error->msg) && is_plain(error->filename) && is_plain(error->lineno);
    }
    if (str == str_of(PyExc_UnicodeDecodeError) || str == str_of(PyExc_UnicodeEncodeError)) {
        const auto* const error = reinterpret_cast<PyUnicodeErrorObject*>(exception);
        return is_plain(error->encoding) && is_plain(error->object) && is_plain(error->reason);
    }
    return false;
}

/// A single long text is cut before it is copied.
std::string what_it_says(PyObject* exception) {
    const Ref arguments(Py_XNewRef(reinterpret_cast<PyBaseExceptionObject*>(exception)->args));
    if (are_plain(arguments.get()) && has_plain_str(exception)) {
        const Ref text(Py_TYPE(exception)->tp_str(exception));
        if (text && PyUnicode_Check(text.get())) return cut_text(text.get(), kMostBytes);
    }
    if (!arguments || !PyTuple_CheckExact(arguments.get()) || PyTuple_GET_SIZE(arguments.get()) == 0) return {};
    Writer writer;
    const bool is_one = PyTuple_GET_SIZE(arguments.get()) == 1;
    PyObject* const only = PyTuple_GET_ITEM(arguments.get(), 0);
    if (is_one && PyUnicode_CheckExact(only)) return cut_text(only, kMostBytes);
    writer.show(is_one ? only : arguments.get());
    return std::move(writer).take();
}

}  // namespace

std::string cut_text(PyObject* text, Py_ssize_t most) {
    if (text == nullptr || !PyUnicode_Check(text) || PyUnicode_GET_LENGTH(text) <= most) return utf8_of(text);
    const Ref part(PyUnicode_Substring(text, 0, most));
    return utf8_of(part.get()) + std::string(kMore);
}

std::string safe_repr(PyObject* value) {
    Writer writer;
    writer.show(value);
    return std::move(writer).take();
}

std::string exception_text(PyObject* exception) {
    std::string text = name_of_type(Py_TYPE(exception));
    const std::string says = what_it_says(exception);
    if (!says.empty()) text += ": " + says;
    return text;
}

}  // namespace tracypy::cpython

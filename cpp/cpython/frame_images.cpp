#include "cpython/frame_images.hpp"

#include <array>
#include <cstring>
#include <new>
#include <utility>

#include "cpython/arguments.hpp"
#include "cpython/first_use.hpp"
#include "cpython/process_recorder.hpp"

namespace tracypy::cpython {
namespace {

using recorder::FrameImages;

constexpr long kMostSide = 65'535;
constexpr const char* kWanted =
    "frame_image(): an image is a buffer of bytes in the shape (height, width, 3 or 4), such as a NumPy array of "
    "uint8, "
    "bytes with width= and height=, or a Pillow image";

/// Released at the end of the block.
class Buffer {
public:
    Buffer() noexcept = default;
    ~Buffer() {
        if (is_held_) PyBuffer_Release(&view_);
    }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    bool get(PyObject* object) noexcept {
        is_held_ = PyObject_GetBuffer(object, &view_, PyBUF_STRIDED_RO | PyBUF_FORMAT) == 0;
        return is_held_;
    }
    const Py_buffer& operator*() const noexcept { return view_; }
    const Py_buffer* operator->() const noexcept { return &view_; }

private:
    Py_buffer view_{};
    bool is_held_ = false;
};

/// What the image measures; 0 for what is not said.
struct Shape {
    long width = 0, height = 0, channels = 0;
};

bool is_of_bytes(const Py_buffer& view) noexcept {
    return view.itemsize == 1 && (view.format == nullptr || std::strcmp(view.format, "B") == 0 ||
                                  std::strcmp(view.format, "c") == 0 || std::strcmp(view.format, "<B") == 0);
}

/// Of rows of bytes, one behind the other. False with ValueError or TypeError set.
bool shape_of_bytes(const Py_buffer& view, Shape& shape) noexcept {
    if (shape.width == 0 || shape.height == 0) {
        PyErr_SetString(PyExc_TypeError, "frame_image(): plain bytes need width= and height=");
        return false;
    }
    const Py_ssize_t pixels = Py_ssize_t{shape.width} * shape.height;
    shape.channels = static_cast<long>(view.len / pixels);
    const bool fits = view.len % pixels == 0 && (shape.channels == 1 || shape.channels == 3 || shape.channels == 4);
    if (fits) return true;
    PyErr_Format(
        PyExc_ValueError,
        "frame_image(): %zd bytes are not an image of %ld x %ld pixels: that is %zd with 4 bytes for each, %zd "
        "with 3, %zd with 1",
        view.len, shape.width, shape.height, 4 * pixels, 3 * pixels, pixels);
    return false;
}

bool shape_of_array(const Py_buffer& view, Shape& shape) noexcept {
    const Py_ssize_t channels = view.ndim == 3 ? view.shape[2] : 1;
    if (view.ndim < 2 || view.ndim > 3 || (channels != 1 && channels != 3 && channels != 4)) {
        PyErr_SetString(PyExc_ValueError, kWanted);
        return false;
    }
    const Py_ssize_t height = view.shape[0], width = view.shape[1];
    if ((shape.width != 0 && shape.width != width) || (shape.height != 0 && shape.height != height)) {
        PyErr_Format(PyExc_ValueError, "frame_image(): the image measures %zd x %zd, not %ld x %ld", width, height,
                     shape.width, shape.height);
        return false;
    }
    if (width < 1 || height < 1 || width > kMostSide || height > kMostSide) {
        PyErr_SetString(PyExc_ValueError, "frame_image(): width and height must be from 1 to 65535");
        return false;
    }
    shape = {static_cast<long>(width), static_cast<long>(height), static_cast<long>(channels)};
    return true;
}

bool find_shape(const Py_buffer& view, Shape& shape) noexcept {
    if (!is_of_bytes(view)) {
        PyErr_Format(PyExc_ValueError, "frame_image(): the parts of a pixel must be bytes (uint8), not %s",
                     view.format != nullptr ? view.format : "others");
        return false;
    }
    if (!(view.ndim == 1 ? shape_of_bytes(view, shape) : shape_of_array(view, shape))) return false;
    if (static_cast<std::size_t>(view.len) <= FrameImages::kMostBytes) return true;
    PyErr_Format(PyExc_ValueError, "frame_image(): an image may have 64 MiB, not %zd bytes: viewers draw 320 x 180",
                 view.len);
    return false;
}

/// Copies the pixels. False with MemoryError or what the buffer raises.
bool copy(const Py_buffer& view, const Shape& shape, std::uint32_t offset, bool is_flipped) noexcept {
    FrameImages& images = process_recorder().images();
    if (!images.has_room(static_cast<std::size_t>(view.len))) return true;
    recorder::Picture picture{nullptr, static_cast<unsigned>(shape.width), static_cast<unsigned>(shape.height),
                              static_cast<unsigned>(shape.channels)};
    picture.pixels.reset(new (std::nothrow) std::uint8_t[static_cast<std::size_t>(view.len)]);
    if (picture.pixels == nullptr) {
        PyErr_NoMemory();
        return false;
    }
    if (PyBuffer_ToContiguous(picture.pixels.get(), &view, view.len, 'C') != 0) return false;
    images.put(std::move(picture), offset, is_flipped);
    return true;
}

/// What a Pillow image holds, as bytes, and how it measures. Null with an exception set; it may be the image's own.
PyObject* bytes_of_pillow(PyObject* image, Shape& shape) noexcept {
    PyObject* const converted = PyObject_CallMethod(image, "convert", "s", "RGB");
    if (converted == nullptr) return nullptr;
    PyObject* const size = PyObject_GetAttrString(converted, "size");
    PyObject* bytes = nullptr;
    if (size != nullptr && PyTuple_Check(size) && PyArg_ParseTuple(size, "ll", &shape.width, &shape.height)) {
        bytes = PyObject_CallMethod(converted, "tobytes", nullptr);
    }
    if (bytes == nullptr && PyErr_Occurred() == nullptr) PyErr_SetString(PyExc_TypeError, kWanted);
    Py_XDECREF(size);
    Py_DECREF(converted);
    return bytes;
}

bool is_like_pillow(PyObject* image) noexcept {
    return PyObject_HasAttrString(image, "convert") != 0 && PyObject_HasAttrString(image, "tobytes") != 0 &&
           PyObject_HasAttrString(image, "size") != 0;
}

struct Options {
    std::uint32_t offset = 0;
    bool is_flipped = false;
    Shape shape;
};

bool take(PyObject* image, const Options& options) noexcept {
    const bool is_listening = process_recorder().epoch() != 0;
    Shape shape = options.shape;
    if (PyObject_CheckBuffer(image)) {
        Buffer buffer;
        if (!buffer.get(image) || !find_shape(*buffer, shape)) return false;
        return !is_listening || copy(*buffer, shape, options.offset, options.is_flipped);
    }
    if (!is_like_pillow(image)) {
        PyErr_Format(PyExc_TypeError, "%s; not %s", kWanted, Py_TYPE(image)->tp_name);
        return false;
    }
    if (!is_listening) return true;
    PyObject* const bytes = bytes_of_pillow(image, shape);
    if (bytes == nullptr) return false;
    Buffer buffer;
    const bool is_taken =
        buffer.get(bytes) && find_shape(*buffer, shape) && copy(*buffer, shape, options.offset, options.is_flipped);
    Py_DECREF(bytes);  // the buffer holds it
    return is_taken;
}

bool parse_side(const char* what, PyObject* value, long* side) noexcept {
    if (value == nullptr || value == Py_None) return true;
    if (!PyLong_Check(value)) {
        PyErr_Format(PyExc_TypeError, "frame_image(): %s must be an int, not %s", what, Py_TYPE(value)->tp_name);
        return false;
    }
    int overflow = 0;
    *side = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow == 0 && *side >= 1 && *side <= kMostSide) return true;
    PyErr_Format(PyExc_ValueError, "frame_image(): %s must be from 1 to 65535", what);
    return false;
}

bool parse_offset(PyObject* value, std::uint32_t* offset) noexcept {
    if (value == nullptr) return true;
    if (!PyLong_Check(value)) {
        PyErr_Format(PyExc_TypeError, "frame_image(): offset must be an int, not %s", Py_TYPE(value)->tp_name);
        return false;
    }
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow == 0 && number >= 0 && number <= UINT32_MAX) {
        *offset = static_cast<std::uint32_t>(number);
        return true;
    }
    PyErr_SetString(PyExc_ValueError,
                    "frame_image(): offset must not be negative: it says how many frames ago the image was drawn");
    return false;
}

bool parse_flip(PyObject* value, bool* is_flipped) noexcept {
    if (value == nullptr) return true;
    *is_flipped = value == Py_True;
    if (PyBool_Check(value)) return true;
    PyErr_Format(PyExc_TypeError, "frame_image(): flip must be a bool, not %s", Py_TYPE(value)->tp_name);
    return false;
}

PyObject* function_frame_image(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    static constexpr std::array kNames{"image", "offset", "flip", "width", "height"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({"frame_image", kNames, 1, 2}, arguments, count, keywords, values)) return nullptr;
    const auto [image, offset, flip, width, height] = values;
    Options options;
    if (!parse_offset(offset, &options.offset) || !parse_flip(flip, &options.is_flipped) ||
        !parse_side("width", width, &options.shape.width) || !parse_side("height", height, &options.shape.height)) {
        return nullptr;
    }
    note_use();
    if (!take(image, options)) return nullptr;
    Py_RETURN_NONE;
}

PyMethodDef g_functions[] = {
    {"frame_image", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function_frame_image)),
     METH_FASTCALL | METH_KEYWORDS,
     "frame_image($module, image, offset=0, flip=False, *, width=None, height=None)\n--\n\n"
     "Show what the current frame looks like: the one since the last unnamed `frame_mark()`.\n\n"
     "The pixels are copied, and scaled down by another thread. Does nothing unless a viewer is connected or a "
     "recording\n"
     "runs.\n\n"
     "Args:\n"
     "    image: Bytes in the shape (height, width, 3 or 4): red, green, blue, and an ignored byte; or (height,\n"
     "        width) for grey. A NumPy array of uint8 or any other buffer; bytes with `width` and `height`; a Pillow "
     "image.\n"
     "    offset: How many frames ago it was drawn.\n"
     "    flip: Whether its first row is the bottom one.\n"
     "    width: In pixels; for plain bytes only.\n"
     "    height: In pixels; for plain bytes only.\n\n"
     "Raises:\n"
     "    TypeError: The object is not an image, or an argument is of the wrong type.\n"
     "    ValueError: The shape or the size is not valid for an image."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

bool add_frame_images_to(PyObject* module) noexcept {
    return PyModule_AddFunctions(module, g_functions) == 0;
}

}  // namespace tracypy::cpython

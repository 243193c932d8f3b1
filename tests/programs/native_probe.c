/* An extension module that says everything that tracypy.h has, on whatever thread, for tests/integration/test_native_*.py.
 * It never imports tracypy, nor asks for it. */
#include <Python.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tracypy.h>

#define UNUSED PyObject *Py_UNUSED(self), PyObject* Py_UNUSED(none)

/* --- zones --- */

static void nested(long count) {
    for (long i = 0; i < count; ++i) {
        TRACYPY_ZONE_BEGIN(outer, "outer");
        TRACYPY_ZONE_BEGIN(inner, NULL);
        tracypy_zone_end(inner);
        tracypy_zone_end(outer);
    }
}

static PyObject* zones(PyObject* Py_UNUSED(self), PyObject* count) {
    nested(PyLong_AsLong(count));
    Py_RETURN_NONE;
}

static PyObject* zones_without_gil(PyObject* Py_UNUSED(self), PyObject* count) {
    const long number = PyLong_AsLong(count);
    Py_BEGIN_ALLOW_THREADS;
    nested(number);
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

/* A zone around a call of a Python function. */
static PyObject* around(PyObject* Py_UNUSED(self), PyObject* function) {
    TRACYPY_ZONE_BEGIN_COLORED(zone, "around", 0x336699);
    PyObject* const result = PyObject_CallNoArgs(function);
    tracypy_zone_end(zone);
    return result;
}

static PyObject* remarks(UNUSED) {
    TRACYPY_ZONE_BEGIN(zone, "remarks");
    tracypy_zone_text(zone, "a text, cut", 6);
    tracypy_zone_value(zone, 42);
    TRACYPY_ZONE_BEGIN(inner, "inside");
    tracypy_zone_name(zone, "renamed", 7); /* of a zone that is not the innermost one */
    tracypy_zone_color(zone, 0x112233);
    tracypy_zone_end(inner);
    tracypy_zone_end(zone);
    Py_RETURN_NONE;
}

static PyObject* dynamic(PyObject* Py_UNUSED(self), PyObject* name) {
    Py_ssize_t length = 0;
    const char* const text = PyUnicode_AsUTF8AndSize(name, &length);
    const tracypy_dynamic_location location = {text, (size_t)length, "function of ours", 8, "script.lua", 10, 77, 0xABCDEF};
    tracypy_zone_end(tracypy_zone_begin_dynamic(&location, 0));
    Py_RETURN_NONE;
}

static PyObject* with_callstack(UNUSED) {
    TRACYPY_LOCATION(here, "with a call stack", 0);
    tracypy_zone_end(tracypy_zone_begin_callstack(&here, 10));
    Py_RETURN_NONE;
}

/* --- what must not happen --- */

static tracypy_zone left_open;

static void* end_elsewhere(void* argument) {
    tracypy_zone_text(*(tracypy_zone*)argument, "from elsewhere", 14);
    tracypy_zone_end(*(tracypy_zone*)argument);
    return NULL;
}

static PyObject* misuse(UNUSED) {
    const tracypy_zone made_up = {0x123456789ABCDEF0}, none = {0};
    pthread_t thread;
    tracypy_zone_end(made_up);
    tracypy_zone_text(made_up, "nobody's", 8);
    tracypy_zone_end(none);
    TRACYPY_ZONE_BEGIN(twice, "twice");
    tracypy_zone_end(twice);
    tracypy_zone_end(twice);
    TRACYPY_ZONE_BEGIN(first, "first");
    TRACYPY_ZONE_BEGIN(second, "second");
    tracypy_zone_end(first);
    tracypy_zone_end(second);
    TRACYPY_ZONE_BEGIN(moved, "ended elsewhere");
    Py_BEGIN_ALLOW_THREADS;
    pthread_create(&thread, NULL, end_elsewhere, (void*)&moved);
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS;
    TRACYPY_ZONE_BEGIN(after, "after");
    tracypy_zone_end(after);
    Py_RETURN_NONE;
}

static PyObject* leave_open(UNUSED) {
    TRACYPY_LOCATION(here, "left open", 0);
    left_open = tracypy_zone_begin(&here);
    Py_RETURN_NONE;
}

static PyObject* end_left_open(UNUSED) {
    tracypy_zone_end(left_open);
    Py_RETURN_NONE;
}

/* --- threads that Python does not know --- */

static long zones_of_each;

static void* worker(void* name) {
    if (name != NULL) tracypy_set_thread_name((const char*)name);
    nested(zones_of_each);
    return NULL;
}

static PyObject* threads(PyObject* Py_UNUSED(self), PyObject* arguments) {
    int count = 0;
    pthread_t made[64];
    if (!PyArg_ParseTuple(arguments, "il", &count, &zones_of_each)) return NULL;
    Py_BEGIN_ALLOW_THREADS;
    for (int i = 0; i < count; ++i) pthread_create(&made[i], NULL, worker, (void*)"worker in C");
    for (int i = 0; i < count; ++i) pthread_join(made[i], NULL);
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

/* One after the other, each for a few zones. */
static PyObject* short_threads(PyObject* Py_UNUSED(self), PyObject* count) {
    const long number = PyLong_AsLong(count);
    zones_of_each = 1;
    Py_BEGIN_ALLOW_THREADS;
    for (long i = 0; i < number; ++i) {
        pthread_t thread;
        pthread_create(&thread, NULL, worker, NULL);
        pthread_join(thread, NULL);
    }
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

static void* caller(void* function) {
    TRACYPY_ZONE_BEGIN(before, "before the GIL");
    tracypy_zone_end(before);
    const PyGILState_STATE state = PyGILState_Ensure();
    TRACYPY_ZONE_BEGIN(zone, "with the GIL");
    Py_XDECREF(PyObject_CallNoArgs((PyObject*)function));
    PyErr_Clear();
    tracypy_zone_end(zone);
    PyGILState_Release(state);
    TRACYPY_ZONE_BEGIN(after, "after the GIL");
    tracypy_zone_end(after);
    return NULL;
}

/* A thread that Python does not know calls a function of Python's. */
static PyObject* call_from_thread(PyObject* Py_UNUSED(self), PyObject* function) {
    pthread_t thread;
    Py_BEGIN_ALLOW_THREADS;
    pthread_create(&thread, NULL, caller, function);
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

static atomic_long recorded;

static void* run_on(void* Py_UNUSED(nothing)) {
    for (;;) {
        for (int i = 0; i < 100; ++i) {
            TRACYPY_ZONE_BEGIN(zone, "running on");
            tracypy_zone_value(zone, 1);
            tracypy_zone_end(zone);
            if (zone.key != 0) atomic_fetch_add(&recorded, 1);
        }
        tracypy_plot("running on", 1.0);
        tracypy_frame_mark("running on");
        usleep(100); /* others want the processor, too */
    }
    return NULL;
}

/* Waits until those threads have recorded so many zones more. */
static PyObject* await_recorded(PyObject* Py_UNUSED(self), PyObject* count) {
    const long enough = atomic_load(&recorded) + PyLong_AsLong(count);
    Py_BEGIN_ALLOW_THREADS;
    while (atomic_load(&recorded) < enough) usleep(100);
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

/* Threads that nobody ever joins, nor stops. */
static PyObject* start_running_on(PyObject* Py_UNUSED(self), PyObject* count) {
    const long number = PyLong_AsLong(count);
    for (long i = 0; i < number; ++i) {
        pthread_t thread;
        pthread_create(&thread, NULL, run_on, NULL);
        pthread_detach(thread);
    }
    Py_RETURN_NONE;
}

/* --- forks --- */

/* Not by way of Python, which hears nothing of it. The child's exit code. */
static PyObject* fork_natively(UNUSED) {
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        nested(1000);
        zones_of_each = 1000;
        pthread_t thread;
        pthread_create(&thread, NULL, worker, NULL);
        pthread_join(thread, NULL);
        _exit(7);
    }
    Py_BEGIN_ALLOW_THREADS;
    waitpid(child, &status, 0);
    Py_END_ALLOW_THREADS;
    return PyLong_FromLong(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

/* --- all the rest --- */

TRACYPY_LOCK(the_lock, "the lock");
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_int is_waiting;

static void* wait_for_lock(void* Py_UNUSED(nothing)) {
    tracypy_set_thread_name("waits");
    tracypy_lock_wait(&the_lock);
    atomic_store(&is_waiting, 1);
    pthread_mutex_lock(&mutex);
    tracypy_lock_obtain(&the_lock);
    tracypy_lock_release(&the_lock);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static PyObject* locks(UNUSED) {
    pthread_t thread;
    Py_BEGIN_ALLOW_THREADS;
    pthread_mutex_lock(&mutex);
    tracypy_lock_obtain(&the_lock);
    pthread_create(&thread, NULL, wait_for_lock, NULL);
    while (!atomic_load(&is_waiting)) {}
    tracypy_lock_release(&the_lock);
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

static PyObject* fibers(UNUSED) {
    static const char red[] = "red fiber", green[] = "green fiber";
    tracypy_fiber_enter(red);
    TRACYPY_ZONE_BEGIN(one, "in red");
    tracypy_fiber_enter(green);
    TRACYPY_ZONE_BEGIN(two, "in green");
    tracypy_zone_end(two);
    tracypy_fiber_leave();
    TRACYPY_ZONE_BEGIN(three, "in none");
    tracypy_zone_end(three);
    tracypy_fiber_enter(red);
    tracypy_zone_end(one);
    tracypy_fiber_leave();
    tracypy_fiber_leave(); /* there is none */
    Py_RETURN_NONE;
}

TRACYPY_GPU_CONTEXT(queue, TRACYPY_CUDA, "queue");

static PyObject* gpu(UNUSED) {
    const int64_t second = 1000000000, ms = 1000000;
    TRACYPY_LOCATION(outer_place, "outer kernel", 0);
    TRACYPY_LOCATION(inner_place, "inner kernel", 0);
    tracypy_gpu_sync(&queue, 5 * second);
    const tracypy_gpu_zone outer = tracypy_gpu_zone_begin(&queue, &outer_place);
    const tracypy_gpu_zone inner = tracypy_gpu_zone_begin(&queue, &inner_place);
    tracypy_gpu_zone_end(inner);
    tracypy_gpu_zone_end(outer);
    tracypy_gpu_zone_times(inner, 5 * second + 20 * ms, 5 * second + 30 * ms);
    tracypy_gpu_zone_times(outer, 5 * second + 10 * ms, 5 * second + 60 * ms);
    tracypy_gpu_zone_times(outer, 0, 0); /* it has them */
    Py_RETURN_NONE;
}

static PyObject* marks(UNUSED) {
    static const unsigned char pixels[4 * 8 * 4] = {255, 0, 0};
    tracypy_frame_mark(NULL);
    tracypy_frame_image(pixels, 8, 4, 0, 0);
    tracypy_frame_mark(NULL);
    tracypy_frame_mark("steps");
    tracypy_frame_mark_start("parts");
    tracypy_frame_mark_end("parts");
    tracypy_plot_config("load", TRACYPY_PERCENTAGE, 1, 0, 0xFF0000);
    tracypy_plot("load", 12.5);
    tracypy_plot("load", 50.0);
    tracypy_message("hello, cut", 5, 0x00FF00, TRACYPY_INFO);
    tracypy_message("watch out", 9, 0, TRACYPY_WARNING);
    tracypy_memory_alloc((void*)0x1000, 100, NULL);
    tracypy_memory_alloc((void*)0x1000, 200, "arena");
    tracypy_memory_free((void*)0x1000, "arena");
    tracypy_memory_alloc((void*)0x2000, 300, "arena");
    tracypy_memory_free(NULL, NULL);
    Py_RETURN_NONE;
}

static PyObject* names(UNUSED) {
    tracypy_app_info("built by a test", 15);
    tracypy_set_program_name("a native program");
    tracypy_set_thread_name("named in C");
    Py_RETURN_NONE;
}

static PyObject* is_loaded(UNUSED) { return PyBool_FromLong(tracypy_private_table() != NULL); }
static PyObject* is_connected(UNUSED) { return PyBool_FromLong(tracypy_is_connected()); }
static PyObject* import(UNUSED) { return tracypy_import() ? Py_NewRef(Py_True) : NULL; }

static PyMethodDef methods[] = {
    {"zones", zones, METH_O, NULL},
    {"zones_without_gil", zones_without_gil, METH_O, NULL},
    {"around", around, METH_O, NULL},
    {"remarks", remarks, METH_NOARGS, NULL},
    {"dynamic", dynamic, METH_O, NULL},
    {"with_callstack", with_callstack, METH_NOARGS, NULL},
    {"misuse", misuse, METH_NOARGS, NULL},
    {"leave_open", leave_open, METH_NOARGS, NULL},
    {"end_left_open", end_left_open, METH_NOARGS, NULL},
    {"threads", threads, METH_VARARGS, NULL},
    {"short_threads", short_threads, METH_O, NULL},
    {"call_from_thread", call_from_thread, METH_O, NULL},
    {"start_running_on", start_running_on, METH_O, NULL},
    {"await_recorded", await_recorded, METH_O, NULL},
    {"fork_natively", fork_natively, METH_NOARGS, NULL},
    {"locks", locks, METH_NOARGS, NULL},
    {"fibers", fibers, METH_NOARGS, NULL},
    {"gpu", gpu, METH_NOARGS, NULL},
    {"marks", marks, METH_NOARGS, NULL},
    {"names", names, METH_NOARGS, NULL},
    {"is_loaded", is_loaded, METH_NOARGS, NULL},
    {"is_connected", is_connected, METH_NOARGS, NULL},
    {"import_", import, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "native_probe", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_native_probe(void) { return PyModuleDef_Init(&module); }

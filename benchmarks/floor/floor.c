/* The floor: what sys.monitoring itself costs, with handlers that do nothing.

   One object per event of a C type with a vectorcall slot, as in cpp/cpython/handlers.cpp; the body is a return, or
   for counting an increment. So a profiler that records anything cannot be cheaper than `start()`, and `start_counting()`
   says exactly how many zones a program makes.

   Built on demand by benchmarks/harness/floor.py; never shipped. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <structmember.h>
#include <time.h>

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
} Handler;

static PyObject* do_nothing(PyObject* self, PyObject* const* arguments, size_t count, PyObject* keywords) {
    (void)self, (void)arguments, (void)count, (void)keywords;
    Py_RETURN_NONE;
}

/* Not shared between threads: the build that has no GIL counts with one thread only. */
static unsigned long long begun;

static PyObject* count_begin(PyObject* self, PyObject* const* arguments, size_t count, PyObject* keywords) {
    (void)self, (void)arguments, (void)count, (void)keywords;
#ifdef Py_GIL_DISABLED
    __atomic_fetch_add(&begun, 1, __ATOMIC_RELAXED);
#else
    ++begun;
#endif
    Py_RETURN_NONE;
}

/* Nothing but the one thing that every tracing profiler must do: ask for the time. */
static volatile unsigned long long clock_sink;

static PyObject* read_clock(PyObject* self, PyObject* const* arguments, size_t count, PyObject* keywords) {
    (void)self, (void)arguments, (void)count, (void)keywords;
#if defined(__x86_64__)
    clock_sink = __builtin_ia32_rdtsc();
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    clock_sink = (unsigned long long)now.tv_nsec;
#endif
    Py_RETURN_NONE;
}

static PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Handler, vectorcall), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_members, members},
    {Py_tp_call, (void*)PyVectorcall_Call},
    {0, NULL},
};

static PyType_Spec spec = {
    "floor.Handler", sizeof(Handler), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    slots,
};

static PyTypeObject* handler_type;

static const struct {
    const char* event;
    int begins;
    int of_c; /* of functions that are not Python's */
} events[] = {
    {"PY_START", 1, 0},  {"PY_RESUME", 1, 0}, {"PY_THROW", 1, 0}, {"PY_RETURN", 0, 0}, {"PY_YIELD", 0, 0},
    {"PY_UNWIND", 0, 0}, {"CALL", 1, 1},      {"C_RETURN", 0, 1}, {"C_RAISE", 0, 1},
};

static PyObject* new_handler(vectorcallfunc function) {
    Handler* const handler = PyObject_New(Handler, handler_type);
    if (handler != NULL) handler->vectorcall = function;
    return (PyObject*)handler;
}

static int register_all(int tool, int of_c, vectorcallfunc begin, vectorcallfunc end) {
    PyObject* const monitoring = PySys_GetObject("monitoring"); /* borrowed */
    PyObject* const names = monitoring != NULL ? PyObject_GetAttrString(monitoring, "events") : NULL;
    if (names == NULL) return -1;
    long all = 0;
    int failed = 0;
    for (size_t i = 0; !failed && i < sizeof(events) / sizeof(events[0]); ++i) {
        if (events[i].of_c != of_c) continue;
        PyObject* const number = PyObject_GetAttrString(names, events[i].event);
        PyObject* const handler = new_handler(events[i].begins ? begin : end);
        PyObject* const previous = number != NULL && handler != NULL
            ? PyObject_CallMethod(monitoring, "register_callback", "iOO", tool, number, handler)
            : NULL;
        failed = previous == NULL;
        if (!failed) all |= PyLong_AsLong(number);
        Py_XDECREF(previous);
        Py_XDECREF(handler);
        Py_XDECREF(number);
    }
    Py_DECREF(names);
    if (failed) return -1;
    PyObject* const done = PyObject_CallMethod(monitoring, "set_events", "il", tool, all);
    Py_XDECREF(done);
    return done != NULL ? 0 : -1;
}

static PyObject* start_with(int of_c, vectorcallfunc begin, vectorcallfunc end) {
    PyObject* const monitoring = PySys_GetObject("monitoring");
    PyObject* const id = monitoring != NULL ? PyObject_GetAttrString(monitoring, "PROFILER_ID") : NULL;
    if (id == NULL) return NULL;
    const int tool = (int)PyLong_AsLong(id);
    Py_DECREF(id);
    PyObject* const claimed = PyObject_CallMethod(monitoring, "use_tool_id", "is", tool, "floor");
    if (claimed == NULL) return NULL;
    Py_DECREF(claimed);
    if (register_all(tool, of_c, begin, end) != 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject* start(PyObject* module, PyObject* ignored) {
    (void)module, (void)ignored;
    return start_with(0, do_nothing, do_nothing);
}

static PyObject* start_with_clock(PyObject* module, PyObject* ignored) {
    (void)module, (void)ignored;
    return start_with(0, read_clock, read_clock);
}

static PyObject* start_of_c_with_clock(PyObject* module, PyObject* ignored) {
    (void)module, (void)ignored;
    return start_with(1, read_clock, read_clock);
}

static PyObject* start_counting(PyObject* module, PyObject* ignored) {
    (void)module, (void)ignored;
    begun = 0;
    return start_with(0, count_begin, do_nothing);
}

static PyObject* count(PyObject* module, PyObject* ignored) {
    (void)module, (void)ignored;
    return PyLong_FromUnsignedLongLong(begun);
}

/* What `with zone("…"):` costs when neither end of the block does anything. */
static PyObject* zone_enter(PyObject* self, PyObject* ignored) {
    (void)ignored;
    return Py_NewRef(self);
}

static PyObject* zone_exit(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
    (void)self, (void)arguments, (void)count;
    Py_RETURN_NONE;
}

static PyMethodDef zone_methods[] = {
    {"__enter__", zone_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))zone_exit, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot zone_slots[] = {
    {Py_tp_methods, zone_methods},
    {0, NULL},
};

static PyType_Spec zone_spec = {
    "floor.Zone", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, zone_slots,
};

static PyObject* the_zone;

static PyObject* zone(PyObject* module, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
    (void)module, (void)arguments, (void)count, (void)keywords;
    return Py_NewRef(the_zone);
}

static PyMethodDef functions[] = {
    {"start", start, METH_NOARGS, "All six events of calls go to handlers that do nothing, until the process ends."},
    {"start_with_clock", start_with_clock, METH_NOARGS, "The same, but each handler reads the clock."},
    {"start_of_c_with_clock", start_of_c_with_clock, METH_NOARGS, "The same for calls of C functions and nothing else."},
    {"start_counting", start_counting, METH_NOARGS, "The same, but entries are counted."},
    {"count", count, METH_NOARGS, "How many frames were entered since start_counting()."},
    {"zone", (PyCFunction)(void (*)(void))zone, METH_FASTCALL | METH_KEYWORDS, "A context manager that does nothing."},
    {NULL, NULL, 0, NULL},
};

static int prepare(PyObject* module) {
    (void)module;
    handler_type = (PyTypeObject*)PyType_FromSpec(&spec);
    PyTypeObject* const zone_type = (PyTypeObject*)PyType_FromSpec(&zone_spec);
    if (handler_type == NULL || zone_type == NULL) return -1;
    the_zone = (PyObject*)PyObject_New(PyObject, zone_type);
    Py_DECREF(zone_type);
    return the_zone != NULL ? 0 : -1;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, (void*)prepare},
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "floor", "The cheapest handlers there can be.", 0, functions, module_slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_floor(void) {
    return PyModuleDef_Init(&definition);
}

/* Code that was written for Tracy's own client in C, unchanged. */
#include <Python.h>
#include <string.h>
#include <tracy/TracyC.h>

static void decode(int number) {
    TracyCZoneN(zone, "decode", 1);
    TracyCZoneValue(zone, number);
    if (number % 2 != 0) {
        TracyCZone(odd, 1);
        TracyCZoneText(odd, "odd", strlen("odd"));
        TracyCZoneEnd(odd);
    }
    TracyCZoneEnd(zone);
}

static PyObject* work(PyObject* self, PyObject* unused) {
    (void)self, (void)unused;
    for (int i = 0; i < 10; ++i) {
        decode(i);
        TracyCFrameMarkNamed("decoded");
    }
    TracyCMessageL("all decoded");
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"work", work, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "with_tracy_macros", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_with_tracy_macros(void) { return PyModuleDef_Init(&module); }

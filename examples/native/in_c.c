/* An extension module in C: zones with the GIL, without it, and on a thread that Python does not know. */
#include <Python.h>
#include <pthread.h>
#include <tracypy.h>

static void smooth(double* values, int count) {
    TRACYPY_ZONE_BEGIN(zone, "smooth");
    tracypy_zone_value(zone, (uint64_t)count);
    for (int i = 1; i < count; ++i) values[i] = (values[i - 1] + values[i]) / 2;
    tracypy_zone_end(zone);
}

static void* in_background(void* unused) {
    double values[100] = {1};
    (void)unused;
    tracypy_set_thread_name("smoother");
    for (int round = 0; round < 10; ++round) {
        smooth(values, 100);
        tracypy_plot("last value", values[99]);
    }
    return NULL;
}

static PyObject* work(PyObject* self, PyObject* unused) {
    double values[100] = {1};
    pthread_t thread;
    (void)self, (void)unused;
    smooth(values, 100);
    Py_BEGIN_ALLOW_THREADS;
    pthread_create(&thread, NULL, in_background, NULL);
    smooth(values, 100);
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"work", work, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "in_c", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_in_c(void) { return PyModuleDef_Init(&module); }

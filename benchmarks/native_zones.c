/* What benchmarks/native_zones.py measures: zones in a loop, with nothing in them. */
#include <Python.h>
#include <pthread.h>
#include <time.h>

#include <tracypy.h>

static double now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double ns_of(long zones) {
    const double start = now_ns();
    for (long i = 0; i < zones; ++i) {
        TRACYPY_ZONE_BEGIN(zone, "a zone");
        __asm__ volatile("" ::: "memory"); /* what stands in a zone may change anything */
        tracypy_zone_end(zone);
    }
    return now_ns() - start;
}

struct Job {
    long zones;
    double ns;
};

static void* run(void* job) {
    ((struct Job*)job)->ns = ns_of(((struct Job*)job)->zones);
    return NULL;
}

/* (zones, threads) -> ns a zone, of the slowest thread; 0 threads: on this one, with the GIL. */
static PyObject* measure(PyObject* Py_UNUSED(self), PyObject* arguments) {
    long zones = 0;
    int threads = 0;
    pthread_t made[64];
    struct Job jobs[64];
    double slowest = 0;
    if (!PyArg_ParseTuple(arguments, "li", &zones, &threads)) return NULL;
    if (threads == 0) return PyFloat_FromDouble(ns_of(zones) / (double)zones);
    Py_BEGIN_ALLOW_THREADS;
    for (int i = 0; i < threads; ++i) {
        jobs[i].zones = zones;
        pthread_create(&made[i], NULL, run, &jobs[i]);
    }
    for (int i = 0; i < threads; ++i) {
        pthread_join(made[i], NULL);
        if (jobs[i].ns > slowest) slowest = jobs[i].ns;
    }
    Py_END_ALLOW_THREADS;
    return PyFloat_FromDouble(slowest / (double)zones);
}

static PyMethodDef methods[] = {{"measure", measure, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "native_zones_c", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_native_zones_c(void) { return PyModuleDef_Init(&module); }

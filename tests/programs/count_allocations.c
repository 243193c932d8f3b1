/* What CPython's allocators were asked for, counted by hooks of its own that know nothing of tracypy. A block counts in
 * the domain that was asked for it, as there. The raw domain is used without the GIL, too: a thread that ends frees what
 * the interpreter knew of it when it has let go of the GIL. Hence the lock, and a mark for each thread. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <pthread.h>

#define PLACES (1u << 21)

typedef struct {
    void *block;
    size_t size;
    int domain;
} Place;

static PyMemAllocatorEx behind[3];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* over all below, but for what is each thread's */
static Place places[PLACES];
static int is_armed;
static __thread int is_inside;
static unsigned long long live_bytes[3], live_blocks[3];

static unsigned home(const void *block) {
    return (unsigned)(((uintptr_t)block * 0x9E3779B97F4A7C15u) >> 40) & (PLACES - 1);
}

static void add(int domain, void *block, size_t size) {
    unsigned at = home(block);
    while (places[at].block != NULL) at = (at + 1) & (PLACES - 1);
    places[at].block = block;
    places[at].size = size;
    places[at].domain = domain;
    live_bytes[domain] += size;
    ++live_blocks[domain];
}

static size_t take(void *block, int *domain) {
    unsigned at = home(block), hole, next;
    size_t size;
    while (places[at].block != NULL && places[at].block != block) at = (at + 1) & (PLACES - 1);
    if (places[at].block == NULL) return (size_t)-1;
    size = places[at].size;
    *domain = places[at].domain;
    live_bytes[*domain] -= size;
    --live_blocks[*domain];
    hole = at;
    for (next = (at + 1) & (PLACES - 1); places[next].block != NULL; next = (next + 1) & (PLACES - 1)) {
        if (((next - home(places[next].block)) & (PLACES - 1)) < ((next - hole) & (PLACES - 1))) continue;
        places[hole] = places[next];
        hole = next;
    }
    places[hole].block = NULL;
    return size;
}

static void *new_block(int domain, void *block, size_t size) {
    if (block == NULL || is_inside) return block;
    pthread_mutex_lock(&lock);
    if (is_armed) add(domain, block, size);
    pthread_mutex_unlock(&lock);
    return block;
}

static size_t old_block(void *block, int *domain) {
    size_t size;
    if (block == NULL || is_inside) return (size_t)-1;
    pthread_mutex_lock(&lock);
    size = take(block, domain);
    pthread_mutex_unlock(&lock);
    return size;
}

static void *same_block(int domain, void *block, size_t size) {
    pthread_mutex_lock(&lock);
    add(domain, block, size);
    pthread_mutex_unlock(&lock);
    return NULL;
}

#define DOMAIN(number)                                                                  \
    static void *malloc_##number(void *ctx, size_t size) {                              \
        int before = is_inside;                                                         \
        void *block;                                                                    \
        is_inside = 1;                                                                  \
        block = behind[number].malloc(ctx, size);                                       \
        is_inside = before;                                                             \
        return new_block(number, block, size);                                          \
    }                                                                                   \
    static void *calloc_##number(void *ctx, size_t count, size_t each) {                \
        int before = is_inside;                                                         \
        void *block;                                                                    \
        is_inside = 1;                                                                  \
        block = behind[number].calloc(ctx, count, each);                                \
        is_inside = before;                                                             \
        return new_block(number, block, count *each);                                   \
    }                                                                                   \
    static void *realloc_##number(void *ctx, void *block, size_t size) {                \
        int before = is_inside, domain = number;                                        \
        size_t known = old_block(block, &domain);                                       \
        void *moved;                                                                    \
        is_inside = 1;                                                                  \
        moved = behind[number].realloc(ctx, block, size);                               \
        is_inside = before;                                                             \
        if (moved == NULL && known != (size_t)-1) return same_block(domain, block, known); \
        return new_block(number, moved, size);                                          \
    }                                                                                   \
    static void free_##number(void *ctx, void *block) {                                 \
        int before = is_inside, domain;                                                 \
        old_block(block, &domain);                                                      \
        is_inside = 1;                                                                  \
        behind[number].free(ctx, block);                                                \
        is_inside = before;                                                             \
    }
DOMAIN(0)
DOMAIN(1)
DOMAIN(2)

void count_allocations(void) {
    static const PyMemAllocatorDomain domains[3] = {PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ};
    PyMemAllocatorEx ours[3] = {{0, malloc_0, calloc_0, realloc_0, free_0},
                                {0, malloc_1, calloc_1, realloc_1, free_1},
                                {0, malloc_2, calloc_2, realloc_2, free_2}};
    for (int i = 0; i < 3; ++i) {
        PyMem_GetAllocator(domains[i], &behind[i]);
        ours[i].ctx = behind[i].ctx;
        PyMem_SetAllocator(domains[i], &ours[i]);
    }
}

/* From now on. The marks are blocks by whose sizes a trace shows when that was. */
void arm(void) {
    pthread_mutex_lock(&lock);
    is_armed = 1;
    pthread_mutex_unlock(&lock);
    PyMem_RawMalloc(123457);
}
void disarm(unsigned long long *bytes, unsigned long long *blocks) {
    pthread_mutex_lock(&lock);
    memcpy(bytes, live_bytes, sizeof(live_bytes));
    memcpy(blocks, live_blocks, sizeof(live_blocks));
    is_armed = 0;
    pthread_mutex_unlock(&lock);
    PyMem_RawMalloc(123459);
}

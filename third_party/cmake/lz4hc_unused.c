/* In place of LZ4's slow compressor, which its frames ask for above level 2 only; we use level 0. None of this is called. */
#include "lz4.h"
#include "lz4hc.h"

LZ4_streamHC_t* LZ4_createStreamHC(void) { return 0; }
int LZ4_freeStreamHC(LZ4_streamHC_t* stream) { (void)stream; return 0; }
LZ4_streamHC_t* LZ4_initStreamHC(void* buffer, size_t size) { (void)buffer; (void)size; return 0; }
void LZ4_resetStreamHC_fast(LZ4_streamHC_t* stream, int level) { (void)stream; (void)level; }
void LZ4_setCompressionLevel(LZ4_streamHC_t* stream, int level) { (void)stream; (void)level; }
void LZ4_favorDecompressionSpeed(LZ4_streamHC_t* stream, int favor) { (void)stream; (void)favor; }
void LZ4_attach_HC_dictionary(LZ4_streamHC_t* stream, const LZ4_streamHC_t* dictionary) { (void)stream; (void)dictionary; }
int LZ4_loadDictHC(LZ4_streamHC_t* stream, const char* dictionary, int size) { (void)stream; (void)dictionary; (void)size; return 0; }
int LZ4_saveDictHC(LZ4_streamHC_t* stream, char* buffer, int size) { (void)stream; (void)buffer; (void)size; return 0; }
int LZ4_sizeofStateHC(void) { return 0; }
int LZ4_compress_HC_continue(LZ4_streamHC_t* stream, const char* from, char* to, int size, int room) {
    (void)stream; (void)from; (void)to; (void)size; (void)room;
    return 0;
}
int LZ4_compress_HC_extStateHC_fastReset(void* state, const char* from, char* to, int size, int room, int level) {
    (void)state; (void)from; (void)to; (void)size; (void)room; (void)level;
    return 0;
}

// zlib as it is: Swift can call all of it but the macros deflateInit2 and inflateInit2, and calls what stands behind them.
#include <zlib.h>

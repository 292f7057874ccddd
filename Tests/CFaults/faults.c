// A library that is preloaded into a program under test (LD_PRELOAD) and makes its system calls fail.

# Read by CMake right after llama.cpp's own project() line. The Python package forces on a helper library that only
# llama.cpp's programs use; without it the compiler has less than half of the work.
set(LLAMA_BUILD_COMMON OFF)

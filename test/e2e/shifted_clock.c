// LD_PRELOAD: a wall clock that is wrong by the seconds in the file $ZG_CLOCK_SHIFT, from the first look on. Time since
// boot is as it is.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static time_t shift_now(void) {
  long seconds = 0;
  const char* name = getenv("ZG_CLOCK_SHIFT");
  FILE* file = name ? fopen(name, "r") : NULL;
  if (file) {
    if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
    fclose(file);
  }
  return seconds;
}

int clock_gettime(clockid_t which, struct timespec* into) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  const int code = real(which, into);
  if (code == 0 && which == CLOCK_REALTIME) into->tv_sec += shift_now();
  return code;
}

time_t time(time_t* into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (into) *into = now.tv_sec;
  return now.tv_sec;
}

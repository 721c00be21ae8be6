// What Debian's libstdc++ takes from glibc and musl lacks, under the name of glibc's loader. On Alpine, libstdc++ needs none of this.
#include <stddef.h>

char __libc_single_threaded = 0;
struct {
  unsigned fields[4];
} __cpu_model;
size_t strftime_l(char *, size_t, const char *, const void *, void *);

unsigned arc4random(void) { return 4; }
size_t __strftime_l(char *to, size_t size, const char *format, const void *time, void *locale) {
  return strftime_l(to, size, format, time, locale);
}
int __cxa_thread_atexit_impl(void (*end)(void *), void *object, void *library) { return 0; }
int _dl_find_object(void *address, void *result) { return -1; }
int __cpu_indicator_init(void) { return 0; }

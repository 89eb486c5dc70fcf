// SPDX-License-Identifier: Apache-2.0
// Holds BASE MiB, waits, then takes memory at a steady rate up to TARGET MiB and holds it:
//   grow BASE WAIT_SECONDS TARGET MIB_PER_SECOND
// With a rate of 0 a child takes TARGET MiB at once, again a minute after each time it is killed, while
// this process lives. The rate is kept by the clock, not by sleeping: late pages are made up for.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void TakeOne(void) {
  char* block = malloc(1 << 20);
  if (block == NULL) {
    puts("no memory to be had");
    exit(1);
  }
  // Volatile, or the compiler leaves out what nobody reads.
  for (long at = 0; at < 1 << 20; at += 4096) ((volatile char*)block)[at] = 1;
}

static double Now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char** argv) {
  signal(SIGTERM, _exit);  // the first process of a container ignores it by default
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc < 5) {
    puts("usage: grow BASE WAIT_SECONDS TARGET MIB_PER_SECOND");
    return 2;
  }
  const long base = atol(argv[1]), target = atol(argv[3]), rate = atol(argv[4]);
  for (long taken = 0; taken < base; ++taken) TakeOne();
  sleep((unsigned)atol(argv[2]));
  if (rate == 0) {
    for (;;) {
      const pid_t child = fork();
      if (child == 0) {
        for (long taken = 0; taken < target; ++taken) TakeOne();
        puts("child holds its memory");
        for (;;) pause();
      }
      int status = 0;
      waitpid(child, &status, 0);
      printf("child ended, signal %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
      sleep(60);
    }
  }
  puts("growing");
  const double started = Now();
  for (long taken = base; taken < target; ++taken) {
    const double due = started + (double)(taken - base) / (double)rate;
    const double early = due - Now();
    if (early > 0) usleep((useconds_t)(early * 1e6));
    TakeOne();
  }
  printf("grown to %ld MiB in %.2f s\n", target, Now() - started);
  for (;;) pause();
}

// SPDX-License-Identifier: Apache-2.0
// Takes memory and keeps it: hold MIB [MIB_PER_SECOND [CHILD_MIB]]. With CHILD_MIB a child process
// takes that much instead, again and again however often it is killed, while this one lives. On SIGUSR1
// it takes BURST_MIB (of its environment) more at once. Prints a line for each thing that happens.
// Static, for an image of this program alone.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t burst = 0;

static void OnBurst(int number) { burst = number; }

static void TakeOne(void) {
  char* block = malloc(1 << 20);
  if (block == NULL) {
    puts("no memory to be had");
    exit(1);
  }
  // Volatile, or the compiler leaves out what nobody reads.
  for (long at = 0; at < 1 << 20; at += 4096) ((volatile char*)block)[at] = 1;
}

static void Take(long mib, long mib_per_second) {
  for (long taken = 0; taken < mib; ++taken) {
    TakeOne();
    usleep((useconds_t)(1000000 / mib_per_second));
  }
  printf("holding %ld MiB\n", mib);
}

static void Burst(void) {
  const char* text = getenv("BURST_MIB");
  const long mib = text != NULL ? atol(text) : 0;
  for (long taken = 0; taken < mib; ++taken) TakeOne();
  printf("holding %ld MiB more\n", mib);
}

int main(int argc, char** argv) {
  signal(SIGTERM, _exit);  // the first process of a container ignores it by default
  signal(SIGUSR1, OnBurst);
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc < 2) {
    puts("usage: hold MIB [MIB_PER_SECOND [CHILD_MIB]]");
    return 2;
  }
  long rate = argc > 2 ? atol(argv[2]) : 50;
  Take(atol(argv[1]), rate);
  while (argc > 3) {
    pid_t child = fork();
    if (child == 0) {
      Take(atol(argv[3]), rate);
      for (;;) pause();
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("child ended by signal %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    sleep(1);
  }
  for (;;) {
    pause();
    if (burst) Burst();
    burst = 0;
  }
}

#include "sql/deep_stack.h"

#include <pthread.h>

#include <cstdint>
#include <new>

namespace sluice {
namespace {

struct Job {
  const std::function<void()>* work;
  bool out_of_memory = false;
};

/// The lowest address of this thread's stack; asking is slow for the main thread (it reads /proc), so each thread asks once.
const char* stack_bottom() {
  thread_local const char* bottom = [] {
    pthread_attr_t attributes;
    void* low = nullptr;
    std::size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return static_cast<const char*>(nullptr);
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    return static_cast<const char*>(low);
  }();
  return bottom;
}

bool has_stack(std::size_t bytes) {
  const char here = 0;
  const char* bottom = stack_bottom();
  return bottom != nullptr && reinterpret_cast<std::uintptr_t>(&here) > reinterpret_cast<std::uintptr_t>(bottom) + bytes;
}

void* run(void* argument) {
  auto* job = static_cast<Job*>(argument);
  try {
    (*job->work)();
  } catch (const std::bad_alloc&) {
    job->out_of_memory = true;
  }
  return nullptr;
}

Error no_memory() {
  return {ErrorKind::transient, "E0308", "not enough memory to parse the statement", "shorten the statement, or free memory and try again", 0};
}

}  // namespace

Result<> run_with_stack(std::size_t stack_bytes, const std::function<void()>& work) {
  Job job{&work};
  // A hop to another thread costs milliseconds on a busy machine; most texts are short enough to do without.
  if (has_stack(stack_bytes)) {
    run(&job);
    if (job.out_of_memory) return no_memory();
    return {};
  }
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return no_memory();
  pthread_t thread{};
  const bool started = pthread_attr_setstacksize(&attributes, stack_bytes) == 0 && pthread_create(&thread, &attributes, &run, &job) == 0;
  pthread_attr_destroy(&attributes);
  if (!started) return no_memory();
  pthread_join(thread, nullptr);
  if (job.out_of_memory) return no_memory();
  return {};
}

}  // namespace sluice

#include "sql/deep_stack.h"

#include <pthread.h>

#include <new>

namespace sluice {
namespace {

struct Job {
  const std::function<void()>* work;
  bool out_of_memory = false;
};

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
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return no_memory();
  Job job{&work};
  pthread_t thread{};
  const bool started = pthread_attr_setstacksize(&attributes, stack_bytes) == 0 && pthread_create(&thread, &attributes, &run, &job) == 0;
  pthread_attr_destroy(&attributes);
  if (!started) return no_memory();
  pthread_join(thread, nullptr);
  if (job.out_of_memory) return no_memory();
  return {};
}

}  // namespace sluice

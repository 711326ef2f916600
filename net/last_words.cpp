#include "net/last_words.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <string>

#include <poll.h>
#include <unistd.h>

#include "net/thread_name.hpp"

namespace net {
namespace {

constexpr int patience_ms = 500;  // in case nobody reads standard error

struct work_label {
  std::array<char, 120> text{};
  std::size_t length = 0;

  std::string_view view() const { return {text.data(), length}; }
};
thread_local work_label current_work;

std::string thrown() {
  const auto current = std::current_exception();
  if (!current) return "std::terminate was called";
  try {
    std::rethrow_exception(current);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

void write_line(const std::string& line) {
  pollfd errors{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&errors, 1, patience_ms) <= 0) return;
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

[[noreturn]] void end() {
  std::string line = "zerogravity: thread " + thread_name() + " ends the program: " + thrown();
  if (current_work.length != 0) line.append("; it had taken up last: ").append(current_work.view());
  write_line(line + '\n');
  std::abort();
}

}  // namespace

void leave_last_words() noexcept {
  std::set_terminate(end);
}

void working_on(std::string_view what) noexcept {
  current_work.length = std::min(what.size(), current_work.text.size());
  what.copy(current_work.text.data(), current_work.length);
}

}  // namespace net

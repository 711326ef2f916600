#include "test/sim/journal.hpp"

#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>
#include <boost/json/serialize.hpp>

namespace sim {
namespace {

namespace json = boost::json;

json::value number(const std::optional<std::int64_t>& value) {
  return value ? json::value(*value) : nullptr;
}

json::object usage_object(const sent_usage& usage) {
  json::value total = nullptr;
  if (usage.input_uncached || usage.cache_read || usage.cache_write)
    total = usage.input_uncached.value_or(0) + usage.cache_read.value_or(0) + usage.cache_write.value_or(0);
  return {{"input_total", total},
          {"input_uncached", number(usage.input_uncached)},
          {"cache_read", number(usage.cache_read)},
          {"cache_write", number(usage.cache_write)},
          {"output_total", number(usage.output_total)},
          {"thinking", number(usage.thinking)}};
}

/// As the answer's header tells it.
std::string trace_id(const call& c) {
  return c.api == provider::google ? c.trace_id : "req_" + c.trace_id;
}

std::string_view status_word(const journal_entry& entry) {
  if (entry.failed) return "error";
  if (!entry.complete) return "interrupted";
  return entry.usage.output_total ? "complete" : "unreported";
}

}  // namespace

journal::journal(const std::filesystem::path& file) {
  if (file.empty()) return;
  file_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) throw std::runtime_error("cannot write the journal " + file.string());
}

journal::~journal() {
  if (file_ >= 0) ::close(file_);
}

void journal::write(const call& c, const journal_entry& entry) {
  if (file_ < 0) return;
  const json::object line{{"provider", to_string(c.api)},
                          {"host", entry.host},
                          {"path", entry.path},
                          {"transport", entry.websocket ? "websocket" : "http"},
                          {"kind", c.generate ? "model" : "prewarm"},
                          {"requested_model", c.requested_model},
                          {"served_model", c.served_model},
                          {"response_id", entry.http_status < 400 ? c.id : ""},
                          {"trace_id", trace_id(c)},
                          {"conversation", c.conversation},
                          {"status", status_word(entry)},
                          {"http_status", entry.http_status},
                          {"complete", entry.complete},
                          {"sent_usage", usage_object(entry.usage)},
                          {"request_body_sha256", entry.request_sha256},
                          {"response_sha256", entry.response_sha256}};
  const auto text = json::serialize(line) + "\n";
  if (::write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("the journal could not be written");
}

}  // namespace sim

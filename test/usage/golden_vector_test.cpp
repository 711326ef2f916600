#include "test/usage/golden_vector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace usage::golden {
namespace {

std::string cut_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  std::string line(rest.substr(0, end));
  rest.remove_prefix(std::min(end == rest.npos ? rest.size() : end + 1, rest.size()));
  return line;
}

std::string section(std::string_view text, std::string_view name) {
  const std::string mark = "-- " + std::string(name) + "\n";
  const auto at = text.find(mark);
  if (at == text.npos) throw std::runtime_error("no section " + std::string(name));
  std::string body(text.substr(at + mark.size()));
  if (const auto next = body.starts_with("-- ") ? 0 : body.find("\n-- "); next != body.npos)
    body.resize(next == 0 && body.starts_with("-- ") ? 0 : next + 1);
  return body;
}

std::string head_of(std::string_view lines) {
  std::string out;
  while (lines.find_first_not_of('\n') != lines.npos) out += cut_line(lines) + "\r\n";
  return out.empty() ? out : out + "\r\n";
}

std::string body_of(std::string body) {
  constexpr std::string_view pad = "{{pad ", cut = "{{cut}}";
  if (const auto at = body.find(cut); at != body.npos) body.resize(at);
  for (auto at = body.find(pad); at != body.npos; at = body.find(pad)) {
    const auto end = body.find("}}", at);
    const auto size = std::stoul(body.substr(at + pad.size(), end - at - pad.size()));
    body.replace(at, end + 2 - at, std::string(size, 'x'));
  }
  return body;
}

vector parse(const std::string& name, std::string_view text) {
  vector v{.name = name,
           .host = {},
           .cause = {},
           .request_head = {},
           .request_body = {},
           .response_head = {},
           .response_body = {},
           .record = {}};
  std::string_view rest = text;
  for (std::string line = cut_line(rest); !line.starts_with("-- "); line = cut_line(rest)) {
    if (line.starts_with("host: ")) v.host = line.substr(6);
    if (line == "ending: interrupted") v.how = ending::interrupted;
    if (line.starts_with("ending: failed ")) {
      v.how = ending::failed;
      v.cause = line.substr(15);
    }
  }
  v.request_head = head_of(section(text, "request head"));
  v.request_body = body_of(section(text, "request body"));
  v.response_head = head_of(section(text, "response head"));
  v.response_body = body_of(section(text, "response body"));
  v.record = section(text, "record");
  return v;
}

class lines {
 public:
  void add(std::string_view key, std::string_view value) {
    if (!value.empty()) text_.append(key).append(": ").append(value).append("\n");
  }
  void add(std::string_view key, std::optional<std::int64_t> value) {
    if (value) add(key, std::string_view(std::to_string(*value)));
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::optional<std::int64_t> unless_zero(std::int64_t value) {
  return value == 0 ? std::nullopt : std::optional(value);
}

}  // namespace

std::vector<vector> load(const std::filesystem::path& folder) {
  std::vector<vector> all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    all.push_back(parse(entry.path().stem().string(), text));
  }
  std::ranges::sort(all, {}, &vector::name);
  return all;
}

std::string render(const usage_record& record, bool parsed) {
  lines out;
  out.add("provider", to_string(record.provider));
  out.add("kind", to_string(record.kind));
  out.add("request_kind", record.request_kind);
  out.add("status", to_string(record.status));
  out.add("http_status", unless_zero(record.http_status));
  out.add("streamed", std::string_view(record.streamed ? "true" : ""));
  out.add("requested_model", record.requested_model);
  out.add("served_model", record.served_model);
  out.add("response_id", record.response_id);
  out.add("trace_id", record.trace_id);
  out.add("conversation", record.conversation);
  out.add("attributed_by", record.attributed_by);
  out.add("trajectory_id", record.trajectory_id);
  out.add("execution_id", record.execution_id);
  out.add("step", record.step);
  out.add("attempt", unless_zero(record.attempt));
  out.add("error_reason", record.error_reason);
  out.add("retry_delay_ms", record.retry_delay_ms);
  out.add("input_uncached", record.tokens.input_uncached);
  out.add("cache_read", record.tokens.cache_read);
  out.add("cache_write", record.tokens.cache_write);
  out.add("output_total", record.tokens.output_total);
  out.add("thinking", record.tokens.thinking);
  out.add("cache_write_1h", record.tokens.cache_write_1h);
  out.add("audio_input", record.tokens.audio_input);
  out.add("image_input", record.tokens.image_input);
  out.add("audio_output", record.tokens.audio_output);
  out.add("image_output", record.tokens.image_output);
  out.add("service_tier", record.facts.service_tier);
  out.add("speed", record.facts.speed);
  out.add("region", record.facts.region);
  out.add("web_searches", record.facts.web_searches);
  out.add("web_fetches", record.facts.web_fetches);
  out.add("audio_ms", record.facts.audio_ms);
  out.add("provider_cost", record.facts.provider_cost);
  out.add("usage_flags", unless_zero(record.usage_flags));
  out.add("raw_usage", record.raw_usage);
  out.add("parsed", std::string_view(parsed ? "" : "false"));
  return out.take();
}

TEST(golden_vector, sections_and_placeholders_are_read) {
  const vector v =
      parse("n",
            "# why\nhost: h\nending: failed because\n-- request head\nGET / HTTP/1.1\nA: b\n"
            "-- request body\n{{pad 3}}y{{cut}}\n-- response head\n-- response body\na\n\n-- record\nk: v\n");
  EXPECT_EQ(v.host, "h");
  EXPECT_EQ(v.how, ending::failed);
  EXPECT_EQ(v.cause, "because");
  EXPECT_EQ(v.request_head, "GET / HTTP/1.1\r\nA: b\r\n\r\n");
  EXPECT_EQ(v.request_body, "xxxy");
  EXPECT_EQ(v.response_head, "");
  EXPECT_EQ(v.response_body, "a\n\n");
  EXPECT_EQ(v.record, "k: v\n");
}

}  // namespace usage::golden

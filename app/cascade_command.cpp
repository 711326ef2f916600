#include "app/cascade_command.hpp"

#include <array>
#include <iostream>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/service_client.hpp"

namespace app {
namespace {

namespace json = boost::json;

std::string_view text_in(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::int64_t number_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

/// The message of an error in OpenAI's shape, or the body as it is.
std::string message_of(const std::string& body) {
  boost::system::error_code error;
  const auto value = json::parse(body, error);
  const auto* members = error ? nullptr : value.if_object();
  const auto* inner = members == nullptr ? nullptr : members->if_contains("error");
  if (inner != nullptr && inner->is_object()) return std::string(text_in(inner->get_object(), "message"));
  return body;
}

std::string turn_body(const cascade_command& asked) {
  json::object body{{"text", asked.text}};
  if (!asked.model.empty()) body["model"] = asked.model;
  if (asked.allow) body["permissions"] = "allow";
  return json::serialize(body);
}

using answered = boost::system::result<service_answer, service_unreachable>;

/// ok if there is an answer to show.
exit_code check(const answered& answer, cascade_output to) {
  if (answer.has_error()) {
    to.err << "zerogravity: " << answer.error().why << '\n';
    return exit_code::unreachable;
  }
  if (answer->status == 200) return exit_code::ok;
  if (answer->status == 0) {
    to.err << "\ncancelled\n";
    return exit_code::failed;
  }
  to.err << "zerogravity: " << message_of(answer->body) << '\n';
  return answer->status == 503 ? exit_code::unreachable : exit_code::failed;
}

exit_code one_turn(const cascade_command& asked, service_request request, cascade_output to) {
  request.target = "/v1/cascades";
  if (!asked.continue_id.empty()) request.target += '/' + asked.continue_id + "/turns";
  request.body = turn_body(asked);
  cascade_terminal terminal(asked.json ? cascade_output{to.err, to.err} : to);
  bool well = false;
  const auto answer = fetch_lines(request, [&](std::string_view line) {
    if (asked.json) {
      to.out << line << std::endl;
      well = well || line.find(R"("type":"finished")") != std::string_view::npos;
    } else {
      terminal.show(line);
      well = terminal.ended_well();
    }
  });
  const auto code = check(answer, to);
  return code == exit_code::ok && !well ? exit_code::failed : code;
}

exit_code list(const cascade_command& asked, service_request request, cascade_output to) {
  request.target = "/v1/cascades";
  const auto answer = fetch(request);
  if (const auto code = check(answer, to); code != exit_code::ok) return code;
  const auto page = json::parse(answer->body);
  for (const auto& each : page.at("data").as_array()) {
    const auto& one = each.as_object();
    if (asked.json) {
      to.out << json::serialize(one) << '\n';
    } else {
      to.out << text_in(one, "id") << "  " << number_of(one, "steps") << " steps  " << text_in(one, "title") << '\n';
    }
  }
  return exit_code::ok;
}

exit_code cancel(const cascade_command& asked, service_request request, cascade_output to) {
  request.target = "/v1/cascades/" + asked.cancel_id + "/cancel";
  request.body = "{}";
  return check(fetch(request), to);
}

// How each kind of line is shown to a person.

void show_cascade(const json::object& line, cascade_output to) {
  to.err << "cascade " << text_in(line, "id") << '\n';
}

void show_text(const json::object& line, cascade_output to) {
  to.out << text_in(line, "text") << std::flush;
}

void show_rewritten_text(const json::object& line, cascade_output to) {
  to.err << "\n(the text was rewritten)\n";
  to.out << '\n' << text_in(line, "text") << std::flush;
}

void show_reasoning(const json::object& line, cascade_output to) {
  to.err << text_in(line, "text") << std::flush;
}

void show_tool(const json::object& line, cascade_output to) {
  to.err << "\n[" << text_in(line, "name") << ": " << text_in(line, "status") << "]\n";
}

void show_waiting(const json::object& line, cascade_output to) {
  to.err << "\n[" << text_in(line, "name") << " asks for permission: " << text_in(line, "arguments") << "]\n";
}

void show_usage(const json::object& line, cascade_output to) {
  const auto in = number_of(line, "input_uncached_tokens") + number_of(line, "cache_read_tokens") +
                  number_of(line, "cache_write_tokens");
  to.err << "\n[" << in << " tokens in, " << number_of(line, "output_tokens") << " out]\n";
}

void show_end(const json::object& line, cascade_output to) {
  to.out << std::endl;
  if (text_in(line, "reason") != "stop") to.err << "ended by: " << text_in(line, "reason") << '\n';
}

void show_failure(const json::object& line, cascade_output to) {
  const auto why = text_in(line, "error");
  to.err << "\nthe turn failed: " << (why.empty() ? text_in(line, "message") : why) << '\n';
}

struct kind_of_line {
  std::string_view type;
  void (*show)(const json::object&, cascade_output);
};

constexpr std::array kinds_of_line{kind_of_line{"cascade", show_cascade},
                                   kind_of_line{"text", show_text},
                                   kind_of_line{"text_rewritten", show_rewritten_text},
                                   kind_of_line{"reasoning", show_reasoning},
                                   kind_of_line{"reasoning_rewritten", show_reasoning},
                                   kind_of_line{"tool", show_tool},
                                   kind_of_line{"waiting", show_waiting},
                                   kind_of_line{"usage", show_usage},
                                   kind_of_line{"finished", show_end},
                                   kind_of_line{"failed", show_failure},
                                   kind_of_line{"error", show_failure}};

}  // namespace

void cascade_terminal::show(std::string_view line) {
  boost::system::error_code error;
  const auto value = json::parse(line, error);
  if (error || !value.is_object()) return;
  const auto type = text_in(value.get_object(), "type");
  if (type == "finished") ended_well_ = true;
  for (const auto& each : kinds_of_line) {
    if (each.type == type) each.show(value.get_object(), to_);
  }
}

exit_code run_cascade(const cascade_command& asked, const std::string& url, const std::string& key, cascade_output to) {
  service_request request{.url = url, .target = {}, .key = key, .limit = std::chrono::minutes(2)};
  if (asked.list) return list(asked, std::move(request), to);
  if (!asked.cancel_id.empty()) return cancel(asked, std::move(request), to);
  return one_turn(asked, std::move(request), to);
}

}  // namespace app

#include "app/commands/cascade_command.hpp"

#include <array>
#include <iostream>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/base/json_members.hpp"
#include "app/base/terminal_text.hpp"
#include "app/client/service_client.hpp"
#include "net/text/percent.hpp"

namespace app {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_message = 4096;  // bytes shown of an error, or of a command that asks for permission

std::string turn_body(const cascade_command& asked) {
  json::object body{{"text", asked.text}};
  if (!asked.model.empty()) body["model"] = asked.model;
  if (asked.allow) body["permissions"] = "allow";
  return json::serialize(body);
}

using answered = boost::system::result<service_answer, service_unreachable>;

exit_code tell(const service_unreachable& failure, cascade_output output) {
  output.err << "zerogravity: " << failure.why << '\n';
  return exit_code::unreachable;
}

/// ok: the answer has content to read. Otherwise the reason has been printed.
exit_code check(const answered& answer, const service_request& request, cascade_output output) {
  if (answer.has_error()) return tell(answer.error(), output);
  if (answer->status == 200) return exit_code::ok;
  if (answer->status == 0) {
    output.err << "\ncancelled\n";
    return exit_code::failed;
  }
  const auto message = error_message(*answer);
  if (message.empty()) return tell(object_in(*answer, request.url).error(), output);
  output.err << "zerogravity: " << one_line(message, longest_message) << '\n';
  return answer->status == 503 ? exit_code::unreachable : exit_code::failed;
}

/// On a terminal, control characters are escaped, which does not change the meaning of the JSON.
void write_json(std::string_view text, cascade_output output) {
  output.out << (output.out_is_terminal ? flowing_text(text) : std::string(text)) << std::endl;
}

exit_code one_turn(const cascade_command& asked, service_request request, cascade_output output) {
  request.target = "/v1/cascades";
  if (!asked.continue_id.empty()) request.target += '/' + net::text::percent_encoded(asked.continue_id) + "/turns";
  request.body = turn_body(asked);
  std::ostream nowhere(nullptr);
  cascade_terminal terminal(asked.json ? cascade_output{nowhere, nowhere} : output);
  const auto answer = fetch_lines(request, [&](std::string_view line) {
    const bool understood = terminal.show(line);
    if (asked.json && understood) write_json(line, output);
  });
  if (const auto code = check(answer, request, output); code != exit_code::ok) return code;
  if (terminal.ended_well()) return exit_code::ok;
  if (terminal.ended()) return exit_code::failed;
  return tell(not_the_service(request.url, "its answer is not a turn, or was cut short"), output);
}

void list_one(const json::object& one, bool as_json, cascade_output output) {
  if (as_json) return write_json(json::serialize(one), output);
  output.out << one_line(text_member(one, "id")) << "  " << number_member(one, "steps") << " steps  "
             << one_line(text_member(one, "title")) << '\n';
}

exit_code list(const cascade_command& asked, service_request request, cascade_output output) {
  request.target = "/v1/cascades";
  const auto answer = fetch(request);
  if (const auto code = check(answer, request, output); code != exit_code::ok) return code;
  const auto page = object_in(*answer, request.url);
  if (!page) return tell(page.error(), output);
  const auto* data = page->if_contains("data");
  if (data == nullptr || !data->is_array()) return tell(not_the_service(request.url, "it sends no list"), output);
  for (const auto& each : data->get_array()) {
    if (each.is_object()) list_one(each.get_object(), asked.json, output);
  }
  return exit_code::ok;
}

exit_code cancel(const cascade_command& asked, service_request request, cascade_output output) {
  request.target = "/v1/cascades/" + net::text::percent_encoded(asked.cancel_id) + "/cancel";
  request.body = "{}";
  const auto answer = fetch(request);
  if (const auto code = check(answer, request, output); code != exit_code::ok) return code;
  const auto told = object_in(*answer, request.url);
  if (!told) return tell(told.error(), output);
  if (truth_member(*told, "ok")) return exit_code::ok;
  return tell(not_the_service(request.url, "it does not confirm the cancellation"), output);
}

// One function for each kind of line.

void show_cascade(const json::object& line, cascade_output output) {
  output.err << "cascade " << one_line(text_member(line, "id")) << '\n';
}

/// The model's text: unchanged for a file or a pipe, without control sequences on a terminal.
std::string model_text(const json::object& line, bool onto_terminal) {
  const auto text = text_member(line, "text");
  return onto_terminal ? flowing_text(text) : std::string(text);
}

void show_text(const json::object& line, cascade_output output) {
  output.out << model_text(line, output.out_is_terminal) << std::flush;
}

void show_rewritten_text(const json::object& line, cascade_output output) {
  output.err << "\n(the text was rewritten)\n";
  output.out << '\n' << model_text(line, output.out_is_terminal) << std::flush;
}

void show_reasoning(const json::object& line, cascade_output output) {
  output.err << model_text(line, output.err_is_terminal) << std::flush;
}

void show_tool(const json::object& line, cascade_output output) {
  output.err << "\n[" << one_line(text_member(line, "name")) << ": " << one_line(text_member(line, "status")) << "]\n";
}

void show_waiting(const json::object& line, cascade_output output) {
  output.err << "\n[" << one_line(text_member(line, "name"))
             << " asks for permission: " << one_line(text_member(line, "arguments"), longest_message) << "]\n";
}

void show_usage(const json::object& line, cascade_output output) {
  const auto in = saturating_sum(
      number_member(line, "input_uncached_tokens"),
      saturating_sum(number_member(line, "cache_read_tokens"), number_member(line, "cache_write_tokens")));
  output.err << "\n[" << in << " tokens in, " << number_member(line, "output_tokens") << " out]\n";
}

void show_end(const json::object& line, cascade_output output) {
  output.out << std::endl;
  if (text_member(line, "reason") != "stop")
    output.err << "ended by: " << one_line(text_member(line, "reason")) << '\n';
}

void show_failure(const json::object& line, cascade_output output) {
  const auto why = text_member(line, "error");
  output.err << "\nthe turn failed: " << one_line(why.empty() ? text_member(line, "message") : why, longest_message)
             << '\n';
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

bool cascade_terminal::show(std::string_view line) {
  boost::system::error_code error;
  const auto value = json::parse(line, error);
  if (error || !value.is_object()) return false;
  const auto type = text_member(value.get_object(), "type");
  ended_well_ = ended_well_ || type == "finished";
  ended_ = ended_ || type == "finished" || type == "failed" || type == "error";
  for (const auto& each : kinds_of_line) {
    if (each.type == type) each.show(value.get_object(), output_);
  }
  return true;
}

exit_code run_cascade(const cascade_command& asked, const std::string& url, const client_key& key,
                      cascade_output output) {
  service_request request{.url = url, .target = {}, .key = key, .limit = std::chrono::minutes(2)};
  if (asked.list) return list(asked, std::move(request), output);
  if (!asked.cancel_id.empty()) return cancel(asked, std::move(request), output);
  return one_turn(asked, std::move(request), output);
}

}  // namespace app

#include "app/cascade_command.hpp"

#include <iostream>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/service_client.hpp"

namespace app {
namespace {

namespace json = boost::json;

std::string_view text_of(const json::object& from, std::string_view name) {
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
  if (inner != nullptr && inner->is_object()) return std::string(text_of(inner->get_object(), "message"));
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
      to.out << text_of(one, "id") << "  " << number_of(one, "steps") << " steps  " << text_of(one, "title") << '\n';
    }
  }
  return exit_code::ok;
}

exit_code cancel(const cascade_command& asked, service_request request, cascade_output to) {
  request.target = "/v1/cascades/" + asked.cancel_id + "/cancel";
  request.body = "{}";
  return check(fetch(request), to);
}

}  // namespace

void cascade_terminal::show(std::string_view line) {
  boost::system::error_code error;
  const auto value = json::parse(line, error);
  if (error || !value.is_object()) return;
  const auto& event = value.get_object();
  const auto type = text_of(event, "type");
  if (type == "text") {
    to_.out << text_of(event, "text") << std::flush;
  } else if (type == "text_rewritten") {
    to_.err << "\n(the text was rewritten)\n";
    to_.out << '\n' << text_of(event, "text") << std::flush;
  } else if (type == "reasoning" || type == "reasoning_rewritten") {
    to_.err << text_of(event, "text") << std::flush;
  } else if (type == "tool") {
    to_.err << "\n[" << text_of(event, "name") << ": " << text_of(event, "status") << "]\n";
  } else if (type == "waiting") {
    to_.err << "\n[" << text_of(event, "name") << " asks for permission: " << text_of(event, "arguments") << "]\n";
  } else if (type == "usage") {
    const auto in = number_of(event, "input_uncached_tokens") + number_of(event, "cache_read_tokens") +
                    number_of(event, "cache_write_tokens");
    to_.err << "\n[" << in << " tokens in, " << number_of(event, "output_tokens") << " out]\n";
  } else if (type == "cascade") {
    to_.err << "cascade " << text_of(event, "id") << '\n';
  } else if (type == "finished") {
    ended_well_ = true;
    to_.out << std::endl;
    if (text_of(event, "reason") != "stop") to_.err << "ended by: " << text_of(event, "reason") << '\n';
  } else if (type == "failed" || type == "error") {
    const auto why = text_of(event, "error");
    to_.err << "\nthe turn failed: " << (why.empty() ? text_of(event, "message") : why) << '\n';
  }
}

exit_code run_cascade(const cascade_command& asked, const std::string& url, const std::string& key, cascade_output to) {
  service_request request{.url = url, .target = {}, .key = key, .limit = std::chrono::minutes(2)};
  if (asked.list) return list(asked, std::move(request), to);
  if (!asked.cancel_id.empty()) return cancel(asked, std::move(request), to);
  return one_turn(asked, std::move(request), to);
}

}  // namespace app

#include "app/openai/response_object.hpp"

#include <utility>

#include "app/base/json_text.hpp"

namespace app::openai {
namespace {

void append_output(std::string& out, const response_output& output) {
  bool first = true;
  for (const output_item& item : output.items) {
    if (!output.all && item.text.empty() && item.kind != item_kind::function_call) continue;
    if (!std::exchange(first, false)) out += ',';
    append_item(out, item);
  }
}

}  // namespace

std::string render_response(const answer_identity& identity, const response_progress& progress,
                            const response_output& output, std::string_view echo) {
  std::string out = R"({"id":)";
  append_json(out, identity.id);
  out.append(R"(,"object":"response","created_at":)").append(std::to_string(identity.created));
  out.append(R"(,"status":")").append(progress.status).append(R"(","background":false,"completed_at":)");
  out += progress.completed_at ? std::to_string(*progress.completed_at) : "null";
  out.append(R"(,"error":)").append(progress.error);
  out.append(R"(,"incomplete_details":)").append(progress.incomplete_details).append(R"(,"model":)");
  append_json(out, identity.model);
  out += R"(,"output":[)";
  append_output(out, output);
  out += R"(],"usage":)";
  append_response_usage(out, progress.usage);
  out += R"(,"metadata":)";
  append_pairs(out, all_metadata(identity));
  if (!echo.empty()) out.append(1, ',').append(echo);
  return out += '}';
}

}  // namespace app::openai

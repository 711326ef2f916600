// Whatever a client sends to either API of OpenAI is a request or a 400; a request can be told to the language server,
// is found again by its digest, and its answer is JSON.

#include <boost/json/parse.hpp>

#include "app/openai/chat_request.hpp"
#include "app/openai/conversation_digest.hpp"
#include "app/openai/responses_request.hpp"
#include "app/openai/responses_writer.hpp"
#include "app/openai/transcript_prompt.hpp"
#include "test/fuzz/cut.hpp"

namespace {

namespace openai = app::openai;

bool is_json(const std::string& text) {
  boost::json::parse_options options;
  options.max_depth = 200;
  boost::system::error_code code;
  boost::json::parse(text, code, {}, options);
  return !code;
}

void check_request(const openai::parsed_request& request) {
  if (!request) {
    fuzz::check(request.error().status == 400, "what is refused is a 400");
    return;
  }
  fuzz::check(openai::ignored_header(*request).find_first_of("\r\n") == std::string::npos, "a header is one line");
  fuzz::check(openai::digest_of(*request) == openai::digest_of(*request), "a digest is a function");
  openai::whole_prompt(*request);
  openai::continued_prompt(*request, "");
  for (const std::string& item : request->input_items) fuzz::check(is_json(item), "an input item is JSON");
  openai::responses_writer writer({"resp_1", 1, request->model, "c", request->metadata}, request->echo, {});
  std::string out;
  writer.end(openai::finish_reason::stop, std::nullopt, 1, out);
  fuzz::check(is_json(out), "the answer is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fuzz::in_pieces(fuzz::view(bytes, size), std::max<std::size_t>(size, 1), [](std::string_view body) {
    check_request(openai::parse_chat_request(body));
    check_request(openai::parse_responses_request(body));
  });
  return 0;
}

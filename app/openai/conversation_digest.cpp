#include "app/openai/conversation_digest.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <boost/json/parse.hpp>

#include "app/openai/request_body.hpp"

namespace app::openai {
namespace {

/// A hash over fields, each with its kind and length before it.
class field_hash {
 public:
  field_hash() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

  void add(char kind, std::string_view field) {
    std::array<unsigned char, 9> head{static_cast<unsigned char>(kind)};
    for (std::size_t i = 0; i < 8; ++i) head[i + 1] = static_cast<unsigned char>(field.size() >> (8 * i));
    EVP_DigestUpdate(context_.get(), head.data(), head.size());
    EVP_DigestUpdate(context_.get(), field.data(), field.size());
  }

  conversation_digest digest() {
    conversation_digest out{};
    EVP_DigestFinal_ex(context_.get(), out.data(), nullptr);
    return out;
  }

 private:
  struct free_context {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  std::unique_ptr<EVP_MD_CTX, free_context> context_;
};

constexpr std::size_t most_normalised = 256ul << 10;  // bytes of arguments; longer ones are not normalised

/// Clients parse the arguments and serialize them again with other white space.
std::string normal_arguments(const std::string& arguments) {
  if (arguments.size() > most_normalised) return arguments;
  boost::system::error_code code;
  const json::value parsed = json::parse(arguments, code);
  if (code) return arguments;
  std::string out;
  append_value(out, parsed);
  return out;
}

void add_call(field_hash& hash, const tool_call& call) {
  hash.add('c', call.id);
  hash.add('n', call.name);
  hash.add('a', normal_arguments(call.arguments));
}

void add_question(field_hash& hash, const message& question) {
  hash.add(question.sender == role::tool ? 't' : 'u', question.text);
  if (question.sender == role::tool) hash.add('r', question.call_id);
  for (const image& each : question.images) {
    hash.add('m', each.mime);
    hash.add('i', each.bytes);
    hash.add('l', each.url);
  }
}

/// Consecutive answers count as one: what one client sends as a message with calls, another sends as several items.
/// Empty answers do not count.
class transcript_hash {
 public:
  explicit transcript_hash(const turn_request& request) { hash_.add('s', request.instructions); }

  void add(std::span<const message> messages) {
    for (const message& each : messages) add(each);
  }

  void add(const message& each) {
    if (each.sender != role::assistant) {
      end_answer();
      add_question(hash_, each);
      return;
    }
    words_ += each.text;
    for (const tool_call& call : each.calls) calls_.push_back(&call);
  }

  conversation_digest digest() {
    end_answer();
    return hash_.digest();
  }

 private:
  void end_answer() {
    if (!words_.empty() || !calls_.empty()) hash_.add('w', words_);
    for (const tool_call* const call : calls_) add_call(hash_, *call);
    words_.clear();
    calls_.clear();
  }

  field_hash hash_;
  std::string words_;
  std::vector<const tool_call*> calls_;
};

bool by_id(const turn_request& request) {
  return request.previous_response_id || request.conversation;
}

}  // namespace

std::optional<conversation_digest> digest_of(const turn_request& request) {
  if (request.history.empty() || by_id(request)) return std::nullopt;
  transcript_hash transcript(request);
  transcript.add(request.history);
  return transcript.digest();
}

std::optional<conversation_digest> digest_after(const turn_request& request, const message& answer) {
  if (by_id(request)) return std::nullopt;
  transcript_hash transcript(request);
  transcript.add(request.history);
  transcript.add(request.input);
  transcript.add(answer);
  return transcript.digest();
}

}  // namespace app::openai

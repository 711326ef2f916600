#include <chrono>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "talk.grpc.pb.h"
#include "test/sim/grpc/talk.hpp"

namespace sim::talk {
namespace {

using stub = Talk::Stub;

/// Anything that hangs is a failure.
class context : public grpc::ClientContext {
 public:
  context() { set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60)); }
};

Said said(std::string text, std::uint32_t count = 0) {
  Said message;
  message.set_text(std::move(text));
  message.set_count(count);
  return message;
}

/// Differs from its neighbours at every place, so that a lost or moved block shows.
std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 12345;
  for (char& c : text) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>('a' + (state >> 24) % 26);
  }
  return text;
}

void tell(const std::string& what, const grpc::Status& status) {
  std::cout << what << ": status " << status.error_code() << ' ' << status.error_message() << '\n';
}

void tell(const std::multimap<grpc::string_ref, grpc::string_ref>& fields) {
  for (const auto& [name, value] : fields) {
    if (name.starts_with("x-"))
      std::cout << "  " << name << " = " << value.size() << " bytes " << value.substr(0, 40) << '\n';
  }
}

void answer(stub& server, const std::string& what, const std::string& text, std::size_t metadata = 0) {
  context call;
  if (metadata != 0) call.AddMetadata("x-metadata", pattern(metadata));
  Said got;
  const auto status = server.Answer(&call, said(text), &got);
  tell(what, status);
  tell(call.GetServerInitialMetadata());
  tell(call.GetServerTrailingMetadata());
  std::cout << "  " << got.text().size() << " bytes, " << (got.text() == text ? "the same" : "others") << '\n';
}

void count(stub& server, std::uint32_t answers, std::size_t size) {
  context call;
  const std::string text = pattern(size);
  auto stream = server.Count(&call, said(text, answers));
  std::uint32_t got = 0;
  bool in_order = true;
  for (Said next; stream->Read(&next); ++got) in_order = in_order && next.count() == got && next.text() == text;
  tell("a stream from the server", stream->Finish());
  std::cout << "  " << got << " answers, " << (in_order ? "in order" : "mixed up") << '\n';
}

void gather(stub& server, int parts, std::size_t size) {
  context call;
  Said got;
  const std::string text = pattern(size);
  auto stream = server.Gather(&call, &got);
  for (int i = 0; i < parts; ++i) stream->Write(said(text));
  stream->WritesDone();
  tell("a stream to the server", stream->Finish());
  std::cout << "  " << got.count() << " parts, " << got.text().size() << " bytes\n";
}

/// Each answer is awaited before the next question: whatever held one back would end in the deadline.
void converse(stub& server, int rounds) {
  context call;
  auto stream = server.Converse(&call);
  int got = 0;
  for (Said next; got < rounds; ++got) {
    const std::string text = "round " + std::to_string(got);
    if (!stream->Write(said(text)) || !stream->Read(&next) || next.text() != text) break;
  }
  stream->WritesDone();
  tell("a conversation", stream->Finish());
  std::cout << "  " << got << " rounds\n";
}

void cancel(stub& server) {
  context call;
  auto stream = server.Count(&call, said("endless", std::numeric_limits<std::uint32_t>::max()));
  Said next;
  const bool begun = stream->Read(&next);
  call.TryCancel();
  while (stream->Read(&next)) continue;
  tell(begun ? "a cancelled stream" : "a stream that never began", stream->Finish());
}

void at_once(stub& server, int calls) {
  std::vector<int> codes(static_cast<std::size_t>(calls), -1);
  {
    std::vector<std::jthread> callers;
    for (int& code : codes) {
      callers.emplace_back([&server, &code] {
        context call;
        Said got;
        code = server.Answer(&call, said(pattern(5000)), &got).error_code();
      });
    }
  }
  int good = 0;
  for (const int code : codes) good += code == 0 ? 1 : 0;
  std::cout << calls << " calls at once: " << good << " answered\n";
}

}  // namespace

void call(const client_options& chosen) {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(chosen.name);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 256 * 1024);
  const auto credentials = grpc::SslCredentials({text_of(chosen.ca), {}, {}});
  const auto server = Talk::NewStub(grpc::CreateCustomChannel(chosen.address, credentials, arguments));
  answer(*server, "an answer", "hello");
  answer(*server, "an empty answer", "");
  answer(*server, "a large answer", pattern(3 << 20));
  answer(*server, "metadata over several frames", "hello", 50'000);
  answer(*server, "the same again", "hello", 50'000);
  answer(*server, "an error", "fail");
  count(*server, 1000, 100);
  count(*server, 20, 1 << 20);
  gather(*server, 100, 10'000);
  converse(*server, 50);
  cancel(*server);
  at_once(*server, 40);
  answer(*server, "an answer behind all that", "goodbye");
}

}  // namespace sim::talk

#include "app/openai_api/openai_reply.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "app/base/wall_clock.hpp"
#include "app/http/error_answer.hpp"
#include "app/openai/chat_writer.hpp"
#include "app/openai/conversation_digest.hpp"
#include "app/openai/errors.hpp"
#include "app/openai/responses_writer.hpp"
#include "app/openai/sse_frame.hpp"
#include "app/openai/transcript_prompt.hpp"

namespace app {
namespace {

using clock = std::chrono::steady_clock;

openai::answer_identity identity_of(const openai_reply_parts& parts) {
  const auto& request = parts.request;
  return {parts.id, parts.created, request.model, parts.turn->cascade_id(), request.metadata, request.stream_id};
}

openai::answer_style style_of(const openai_reply_parts& parts) {
  return {.stream = parts.request.stream,
          .include_usage = parts.request.include_usage,
          .reasoning = parts.context.settings.reasoning,
          .framing = parts.framing};
}

openai::chat_writer writer_of(const openai_reply_parts& parts, openai::chat_writer*) {
  return {identity_of(parts), style_of(parts)};
}

openai::responses_writer writer_of(const openai_reply_parts& parts, openai::responses_writer*) {
  return {identity_of(parts), parts.request.echo, style_of(parts)};
}

using known_usage = std::optional<openai::token_counts>;

void end(openai::chat_writer& writer, openai::finish_reason reason, const known_usage& usage, std::string& out) {
  writer.end(reason, usage, out);
}

void end(openai::responses_writer& writer, openai::finish_reason reason, const known_usage& usage, std::string& out) {
  writer.end(reason, usage, unix_seconds(), out);
}

void fail(openai::chat_writer& writer, const api_error& error, const known_usage&, std::string& out) {
  writer.fail(error, out);
}

void fail(openai::responses_writer& writer, const api_error& error, const known_usage& usage, std::string& out) {
  writer.fail(error, usage, out);
}

std::string_view word(cascade::step_status status) {
  switch (status) {
    case cascade::step_status::done:
      return "done";
    case cascade::step_status::canceled:
      return "canceled";
    case cascade::step_status::error:
      return "failed";
    default:
      return "running";
  }
}

bool is_over(cascade::step_status status) {
  return status == cascade::step_status::done || status == cascade::step_status::canceled ||
         status == cascade::step_status::error;
}

/// One answer under way. `apply` appends to `out` what the client is to be sent.
template <class Writer>
class reply {
 public:
  explicit reply(openai_reply_parts parts)
      : parts_(std::move(parts)), writer_(writer_of(parts_, static_cast<Writer*>(nullptr))) {}

  live_turn& turn() { return *parts_.turn; }
  const openai_reply_parts& parts() const { return parts_; }
  Writer& writer() { return writer_; }
  /// Why the turn failed; nullopt if it did not.
  const std::optional<turn_refusal>& failure() const { return failure_; }

  void apply(const cascade::event& event, std::string& out) {
    std::visit([&](const auto& one) { on(one, out); }, event);
  }

  /// The turn broke off.
  void break_off(std::string& out) { fail_with(refusal_of(turn().failure(), true), out); }

 private:
  void on(const cascade::text_delta& e, std::string& out) { writer_.text(e.step, e.text, out); }
  void on(const cascade::text_rewritten& e, std::string& out) { writer_.text_rewritten(e.step, e.text, out); }
  void on(const cascade::reasoning_delta& e, std::string& out) { writer_.reasoning(e.step, e.text, out); }
  void on(const cascade::reasoning_rewritten& e, std::string& out) { writer_.reasoning_rewritten(e.step, e.text, out); }
  // The language server runs its own tools. The client sees each as one line of reasoning, not as a call to make.
  void on(const cascade::tool_step& e, std::string& out) {
    if (is_over(e.status)) writer_.reasoning(e.step, openai::tool_note(e.name, e.arguments, word(e.status)), out);
  }
  void on(const cascade::waiting& e, std::string& out) {
    if (parts_.context.permissions.of(e.kind) != cascade::permission::report) return;
    writer_.reasoning(e.step, openai::tool_note(e.name, e.arguments, "asks for permission"), out);
  }
  void on(const cascade::token_usage& e, std::string&) {
    usage_.add(e.response_id, {e.input, e.cache_read, e.cache_write, e.output, e.reasoning}, e.revised);
  }
  void on(const cascade::finished& e, std::string& out) {
    using enum openai::finish_reason;
    switch (e.reason) {
      case cascade::finish_reason::stop:
        return end(writer_, stop, usage_.total(), out);
      case cascade::finish_reason::length:
      case cascade::finish_reason::max_invocations:
        return end(writer_, length, usage_.total(), out);
      case cascade::finish_reason::content_filter:
        return end(writer_, content_filter, usage_.total(), out);
      case cascade::finish_reason::canceled:
        return cancelled(out);
    }
  }
  void on(const cascade::failed& e, std::string& out) {
    fail_with({openai::turn_failed(e.code, e.short_error, e.user_message)}, out);
  }

  void cancelled(std::string& out) {
    if constexpr (std::same_as<Writer, openai::responses_writer>) {
      writer_.cancel(usage_.total(), out);
    } else {
      fail_with({openai::turn_canceled()}, out);
    }
  }

  void fail_with(turn_refusal why, std::string& out) {
    fail(writer_, why.error, usage_.total(), out);
    failure_ = std::move(why);
  }

  openai_reply_parts parts_;
  Writer writer_;
  openai::usage_sum usage_;
  std::optional<turn_refusal> failure_;
};

/// Remembers the conversation by its digest, for the request that repeats its transcript.
template <class Writer>
void remember_conversation(reply<Writer>& current) {
  const auto answer = current.writer().answer();
  if (!answer || current.failure()) return;
  const auto digest = openai::digest_after(current.parts().request, *answer);
  if (!digest) return;
  current.parts().context.memory.with([&](auto&, auto& index, auto now) {
    index.put(*digest, {current.turn().cascade_id(), current.turn().steps()}, now);
  });
}

void store(reply<openai::chat_writer>&, bool) {}

void store(reply<openai::responses_writer>& current, bool in_progress) {
  const auto& parts = current.parts();
  if (!parts.request.store) return;
  openai::stored_response stored;
  stored.id = parts.id;
  stored.cascade_id = current.turn().cascade_id();
  stored.steps = current.turn().steps();
  stored.instructions = parts.request.instructions;
  stored.object = current.writer().object();
  stored.input_items = parts.request.input_items;
  stored.output = current.writer().items();
  stored.in_progress = in_progress;
  parts.context.memory.with([&](auto& responses, auto&, auto now) { responses.put(std::move(stored), now); });
}

/// Sends a comment when a stream has been quiet for a while, so that no proxy closes it. Its timer is not reset by
/// every event; it looks at the time of the last one when it fires.
class quiet_comments {
 public:
  quiet_comments(asio::any_io_executor executor, api_stream& stream, std::chrono::milliseconds interval)
      : state_(std::make_shared<state>(executor, stream, interval)) {
    wait(state_);
  }
  ~quiet_comments() {
    state_->over = true;
    state_->timer.cancel();
  }
  quiet_comments(const quiet_comments&) = delete;
  quiet_comments& operator=(const quiet_comments&) = delete;

  void spoke() { state_->last = clock::now(); }

 private:
  struct state {
    state(asio::any_io_executor executor, api_stream& output, std::chrono::milliseconds time)
        : timer(executor), stream(output), interval(time), last(clock::now()) {}
    asio::steady_timer timer;
    api_stream& stream;
    std::chrono::milliseconds interval;
    clock::time_point last;
    bool over = false;
  };

  static void wait(const std::shared_ptr<state>& self) {
    self->timer.expires_at(self->last + self->interval);
    self->timer.async_wait([self](boost::system::error_code) {
      if (self->over) return;
      if (clock::now() - self->last >= self->interval) {
        self->stream.write_now(openai::keep_alive_frame);
        self->last = clock::now();
      }
      wait(self);
    });
  }

  std::shared_ptr<state> state_;
};

template <class Writer>
using reply_ptr = std::shared_ptr<reply<Writer>>;

/// Keeps an answer that has ended for the requests that refer to it.
template <class Writer>
void keep(reply<Writer>& current) {
  store(current, false);
  remember_conversation(current);
}

/// Applies the next events of the turn. False at the turn's end.
template <class Writer>
asio::awaitable<bool> advance(reply<Writer>& current, std::string& out) {
  const auto events = co_await current.turn().next();
  if (events.has_value()) {
    for (const auto& each : *events) current.apply(each, out);
    // Before the client sees the end: its next request may come at once.
    if (current.writer().ended()) keep(current);
    co_return true;
  }
  if (events.error() != asio::error::eof) current.break_off(out);
  keep(current);
  co_return false;
}

template <class Writer>
asio::awaitable<stream_end> stream_reply(reply_ptr<Writer> current, api_stream& stream, api_response& instead) {
  std::optional<quiet_comments> comments;  // a WebSocket has pings
  if (current->parts().framing == openai::event_framing::event_stream) {
    comments.emplace(co_await asio::this_coro::executor, stream, current->parts().context.settings.keep_alive);
  }
  std::string out;
  current->writer().begin(out);
  store(*current, true);
  const auto opening = out.size();
  for (bool more = true; more;) {
    more = co_await advance(*current, out);
    if (current->failure() && !stream.begun()) {
      instead = to_response(*current->failure());
      co_return stream_end::instead;
    }
    // The first words go out with the first event, so that a turn that fails at once is an error and not a stream.
    if (out.empty() || (out.size() == opening && !stream.begun())) continue;
    if ((co_await stream.write(out)).has_error()) co_return stream_end::broken;
    if (comments) comments->spoke();
    out.clear();
  }
  co_return current->writer().ended() ? stream_end::whole : stream_end::broken;
}

template <class Writer>
asio::awaitable<api_response> whole_reply(reply<Writer>& current) {
  std::string out;
  current.writer().begin(out);
  store(current, true);
  while (co_await advance(current, out)) {
  }
  if (current.failure()) co_return to_response(*current.failure());
  co_return api_response{.body = std::move(out)};
}

/// The limit on concurrent turns in the headers that SDKs know. Tokens are not limited.
std::vector<std::pair<std::string, std::string>> turn_limit_headers(const cascade::dispatcher& servers) {
  const auto limit = servers.limits().turns + servers.limits().waiting;
  const auto used = std::min(limit, servers.running() + servers.waiting());
  return {{"x-ratelimit-limit-requests", std::to_string(limit)},
          {"x-ratelimit-remaining-requests", std::to_string(limit - used)},
          {"x-ratelimit-reset-requests", used < limit ? "0s" : "1s"}};
}

template <class Writer>
asio::awaitable<api_response> answer(openai_reply_parts parts) {
  auto made = std::make_shared<reply<Writer>>(std::move(parts));
  const auto& request = made->parts().request;
  api_response response;
  if (request.stream) {
    response.content_type = openai::event_stream_type;
    response.stream = [made](api_stream& stream, api_response& instead) {
      return stream_reply<Writer>(made, stream, instead);
    };
  } else {
    response = co_await whole_reply(*made);
  }
  response.headers.emplace_back("x-zerogravity-cascade-id", made->turn().cascade_id());
  for (auto& header : turn_limit_headers(made->parts().context.servers)) response.headers.push_back(std::move(header));
  if (auto ignored = openai::ignored_header(request); !ignored.empty()) {
    response.headers.emplace_back("x-zerogravity-ignored", std::move(ignored));
  }
  co_return response;
}

}  // namespace

asio::awaitable<api_response> chat_reply(openai_reply_parts parts) {
  return answer<openai::chat_writer>(std::move(parts));
}

asio::awaitable<api_response> responses_reply(openai_reply_parts parts) {
  return answer<openai::responses_writer>(std::move(parts));
}

asio::awaitable<stream_end> responses_events(openai_reply_parts parts, api_stream& stream, api_response& instead) {
  return stream_reply(std::make_shared<reply<openai::responses_writer>>(std::move(parts)), stream, instead);
}

}  // namespace app

#include "usage/dialect.hpp"

namespace usage {
namespace {

// input_tokens is disjoint from both cache counts. How much of the output was thinking is not reported.
normal_form normalise_messages(const counters& seen) {
  normal_form form;
  form.tokens.input_uncached = seen[member::input];
  form.tokens.cache_read = seen[member::cached];
  form.tokens.cache_write = seen[member::cache_write];
  form.tokens.output_total = seen[member::output];
  return form;
}

}  // namespace

const dialect& anthropic_dialect() {
  static const dialect instance{with_errors({
                                    {"type", tag(member::type)},
                                    {"message.usage", tag(member::usage_start), selection::verbatim},
                                    {"message.usage.input_tokens", tag(member::input)},
                                    {"message.usage.cache_read_input_tokens", tag(member::cached)},
                                    {"message.usage.cache_creation_input_tokens", tag(member::cache_write)},
                                    {"message.usage.output_tokens", tag(member::output)},
                                    {"message.model", tag(member::model)},
                                    {"message.id", tag(member::id)},
                                    {"usage", tag(member::usage_latest), selection::verbatim},
                                    {"usage.input_tokens", tag(member::input)},
                                    {"usage.cache_read_input_tokens", tag(member::cached)},
                                    {"usage.cache_creation_input_tokens", tag(member::cache_write)},
                                    {"usage.output_tokens", tag(member::output)},
                                    {"model", tag(member::model)},
                                    {"id", tag(member::id)},
                                }),
                                normalise_messages, [](std::string_view type) { return type == "message_stop"; }};
  return instance;
}

}  // namespace usage

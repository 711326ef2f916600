#include "cascade/core/text_patch.hpp"

#include "net/text/utf8.hpp"

namespace cascade {

text_patch::change text_patch::update(std::string_view text) {
  text = text.substr(0, net::utf8::whole_characters(text));
  if (!text.starts_with(said_)) {
    said_ = text;
    return {verdict::rewritten, said_};
  }
  const std::size_t before = said_.size();
  if (text.size() == before) return {};
  said_.append(text.substr(before));
  return {verdict::extended, std::string_view(said_).substr(before)};
}

}  // namespace cascade

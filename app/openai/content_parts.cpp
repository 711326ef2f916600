#include "app/openai/content_parts.hpp"

#include <utility>

#include "app/base/json_text.hpp"
#include "app/openai/data_url.hpp"
#include "app/openai/errors.hpp"
#include "net/text/utf8.hpp"

namespace app::openai {
namespace {

bool is_text(std::string_view type) {
  return type == "text" || type == "input_text" || type == "output_text";
}

bool is_unsupported(std::string_view type) {
  return type == "input_audio" || type == "file" || type == "input_file" || type == "audio" || type == "input_video";
}

/// Chat writes {"image_url":{"url":…}}, Responses {"image_url":"…"}; both accept both.
std::string_view image_location(const members& part) {
  const json::value* const given = part.find("image_url");
  if (given != nullptr && given->is_string()) return given->get_string();
  if (const auto inner = part.object("image_url")) return inner->required_text("url");
  if (part.find("file_id") != nullptr) {
    part.wrong().add(
        unsupported_value(part.path_of("file_id"), "Uploaded files are not supported: send the image as a data URL."));
  } else {
    part.wrong().add(missing_parameter(part.path_of("image_url")));
  }
  return {};
}

}  // namespace

void content_reader::add_text(message& into, std::string_view text) {
  if (!first_ && into.sender != role::assistant) into.text += '\n';
  into.text += text;
  first_ = false;
}

void content_reader::read(const members& object, std::string_view name, message& into, bool optional) {
  const json::value* const content = object.find(name);
  first_ = true;
  if (content == nullptr) {
    if (!optional) object.wrong().add(wrong_type(object.path_of(name), "a string or an array of parts", "null"));
  } else if (const json::string* const text = content->if_string()) {
    into.text += std::string_view(*text);
  } else if (const json::array* const parts = content->if_array()) {
    for (std::size_t i = 0; i < parts->size() && !object.wrong().given(); ++i)
      if (const auto part = object.element((*parts)[i], name, i)) read_part(*part, into);
  } else {
    object.wrong().add(wrong_type(object.path_of(name), "a string or an array of parts", type_name(*content)));
  }
}

void content_reader::read_part(const members& part, message& into) {
  const std::string_view type = part.required_text("type");
  if (is_text(type)) {
    if (part.find("text") == nullptr) part.wrong().add(missing_parameter(part.path_of("text")));
    add_text(into, part.text("text").value_or(""));
  } else if (type == "refusal") {
    add_text(into, part.text("refusal").value_or(""));
  } else if (type == "image_url" || type == "input_image") {
    read_image(part, into);
  } else if (is_unsupported(type)) {
    part.wrong().add(unsupported_value(part.path(), "Parts of type '" + std::string(type) + "' are not supported."));
  } else {
    part.wrong().add(
        invalid_value(part.path_of("type"), "Unknown type of a part: '" + net::utf8::shortened(type, 100) + "'."));
  }
}

void content_reader::read_image(const members& part, message& into) {
  const std::string_view url = image_location(part);
  if (part.wrong().given()) return;
  const std::string name = part.path_of("image_url");
  if (into.sender == role::assistant || into.sender == role::system) {
    part.wrong().add(invalid_value(part.path(), "Only messages of users and tools can have images."));
  } else if (++images_ > limits_.images) {
    part.wrong().add(invalid_value(name, "A request can have at most " + std::to_string(limits_.images) + " images."));
  } else if (url.starts_with("https://") || url.starts_with("http://")) {
    into.images.push_back({{}, {}, std::string(url)});
  } else if (auto decoded = decode_data_url(url, limits_.image_bytes); decoded && decoded->mime.starts_with("image/")) {
    into.images.push_back({std::move(decoded->mime), std::move(decoded->bytes), {}});
  } else {
    part.wrong().add(
        invalid_value(name, "Expected an http or https URL, or a data URL with a base64-encoded image of at most " +
                                std::to_string(limits_.image_bytes) + " bytes."));
  }
}

}  // namespace app::openai

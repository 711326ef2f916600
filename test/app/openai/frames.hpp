#pragma once

// An event stream as an SDK sees it: the frames decoded, their data parsed.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "net/wire/sse_decoder.hpp"

namespace app::openai {

namespace json = boost::json;

struct frame {
  std::string event;
  std::string data;

  json::value value() const { return json::parse(data); }
};

inline std::vector<frame> frames_of(std::string_view bytes) {
  struct recorder final : net::wire::sse_decoder::sink {
    void on_data(std::string_view piece) override { data += piece; }
    void on_dispatch(std::string_view event) override {
      frames.push_back({std::string(event), data});
      data.clear();
    }
    std::string data;
    std::vector<frame> frames;
  } recorded;
  net::wire::sse_decoder decoder(recorded);
  decoder.feed(bytes);
  EXPECT_TRUE(recorded.data.empty()) << "an unfinished frame";
  return recorded.frames;
}

inline std::string_view string_at(const json::value& value, std::string_view pointer) {
  return value.at_pointer(pointer).as_string();
}

}  // namespace app::openai

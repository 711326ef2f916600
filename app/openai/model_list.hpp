#pragma once

// The models of the language server as GET /v1/models lists them, and the names that requests may use for them. Pure
// and immutable; a new one is made when the server's list changes.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "app/base/api_error.hpp"

namespace app::openai {

struct model {
  std::string id;     // what requests say
  std::string label;  // for people
  bool supports_images = false;
  std::vector<std::string> aliases{};  // the server's own other names
};

class model_list {
 public:
  /// `aliases`: configured ones, name → id or alias of a model; they win over the server's names.
  model_list(std::vector<model> models, const std::map<std::string, std::string>& aliases, std::int64_t created);

  /// The model of that name: an alias, an id, or one of the two in other case. The 404 lists the models.
  boost::system::result<const model*, api_error> resolve(std::string_view name) const;

  /// {"object":"list","data":[…]}: ids first, then aliases.
  std::string render() const;
  /// One model, under the name it was asked for.
  boost::system::result<std::string, api_error> render_one(std::string_view name) const;

  const std::vector<model>& models() const { return models_; }

 private:
  const model* find(std::string_view name) const;
  void append_entry(std::string& out, std::string_view name, const model& which) const;

  std::vector<model> models_;
  std::map<std::string, std::size_t, std::less<>> names_;  // every name of a model
  std::int64_t created_;
};

}  // namespace app::openai

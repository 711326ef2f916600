#include "app/commands/key_command.hpp"

#include <ostream>
#include <utility>

#include "app/http/key_file.hpp"
#include "mitm/ca/atomic_file.hpp"

namespace app {
namespace {

exit_code show_key(const config& values, key_output output) {
  if (!values.api.key.empty()) {
    output.out << values.api.key << '\n';
    return exit_code::ok;
  }
  const auto file = api_key_file(values.state_dir);
  const auto stored = read_api_key_file(values.state_dir);
  if (stored) {
    output.out << stored->key << '\n';
    return exit_code::ok;
  }
  output.err << "zerogravity: " << stored.error().why << "\n";
  if (!mitm::is_present(file)) {
    output.err
        << "The service makes the key when it first starts. Run this as its user, with its state_dir: here it is "
        << values.state_dir.string() << ".\n";
  }
  return exit_code::bad_state;
}

exit_code rotate_key(const config& values, key_output output) {
  if (!values.api.key.empty()) {
    output.err << "zerogravity: the key is configured (api.key), and changed there\n";
    return exit_code::failed;
  }
  const auto made = replace_api_key(values.state_dir);
  if (!made) {
    output.err << "zerogravity: " << made.error().why << '\n';
    return exit_code::bad_state;
  }
  output.out << made->key << '\n';
  output.err << "A service that runs takes the new key when it is started again.\n";
  return exit_code::ok;
}

}  // namespace

exit_code run_key_command(const key_command& asked, const config& values, key_output output) {
  return asked.action == key_command::action_of::show ? show_key(values, output) : rotate_key(values, output);
}

}  // namespace app

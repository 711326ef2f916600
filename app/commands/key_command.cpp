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
        << "The service generates the key at its first start. Run this command as the service's user and with its "
           "state_dir, which is "
        << values.state_dir.string() << " here.\n";
  }
  return exit_code::bad_state;
}

exit_code rotate_key(const config& values, key_output output) {
  if (!values.api.key.empty()) {
    output.err << "zerogravity: the key comes from the configuration (api.key); change it there\n";
    return exit_code::failed;
  }
  const auto made = replace_api_key(values.state_dir);
  if (!made) {
    output.err << "zerogravity: " << made.error().why << '\n';
    return exit_code::bad_state;
  }
  output.out << made->key << '\n';
  output.err << "Restart a running service to use the new key.\n";
  return exit_code::ok;
}

}  // namespace

exit_code run_key_command(const key_command& asked, const config& values, key_output output) {
  return asked.action == key_command::action_of::show ? show_key(values, output) : rotate_key(values, output);
}

}  // namespace app

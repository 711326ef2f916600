#include "mitm/client_program.hpp"

namespace mitm {

std::string describe(const client_program& program) {
  return (program.executable.empty() ? "an unknown program" : program.executable) + " of " +
         (program.user ? "uid " + std::to_string(*program.user) : "an unknown user");
}

}  // namespace mitm

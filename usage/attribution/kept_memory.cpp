#include "usage/attribution/kept_memory.hpp"

namespace usage {

std::pmr::memory_resource& kept_memory() {
  // Larger pieces (the tables of the maps) are returned to the system when freed.
  static auto* const all = new std::pmr::synchronized_pool_resource({.largest_required_pool_block = 1024});
  return *all;
}

}  // namespace usage

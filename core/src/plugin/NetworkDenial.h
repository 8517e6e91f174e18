#pragma once

namespace carillon::plugin
{

/// Takes this process's right to make sockets of any kind, for good; socket() answers EACCES. Needs no privilege, unlike a network
/// namespace, and covers local sockets too. False when the kernel cannot do it.
bool denyNetwork() noexcept;

} // namespace carillon::plugin

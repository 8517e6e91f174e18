#include "audit/AuditLog.h"

#include "carillon/Errors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace carillon::audit
{

void AuditLog::record(const std::string& by, const std::string& act, const std::string& what) const
{
    using Json = nlohmann::json;
    const Json entry{{"at", toRfc3339(_clock.now())}, {"by", by}, {"act", act}, {"what", what}};
    const std::string line = entry.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    // One write of a short line in append mode is whole, whoever else writes.
    const int descriptor = open(_file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    const bool isWritten = descriptor >= 0 && write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    const int error = errno;
    if (descriptor >= 0) close(descriptor);
    if (!isWritten)
        throw Error(fmt::format("not done: the audit log {} cannot be written ({}); give the service's user access to it", _file.string(),
                                std::strerror(error)));
}

std::string processUser()
{
    const char* login = std::getenv("SUDO_USER");
    if (login == nullptr || *login == '\0') login = std::getenv("USER");
    return fmt::format("uid {} ({})", getuid(), login != nullptr ? login : "?");
}

} // namespace carillon::audit

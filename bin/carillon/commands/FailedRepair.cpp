#include "commands/FailedRepair.h"

#include "port/DeadLetters.h"
#include "publish/DeadLetterRepair.h"

namespace carillon::commands
{

bool retryLetter(compose::Assembly& assembly, const std::string& id)
{
    const auto transportNamed = [&assembly](const std::string& name) -> port::Transport& { return assembly.transport(name); };
    return publish::retryDeadLetter(assembly.store(), transportNamed, id);
}

std::vector<std::string> matchingIds(compose::Assembly& assembly, const std::string& transport, const std::string& type)
{
    port::DeadLetterFilter filter;
    filter.transport = transport;
    filter.type = type;
    return publish::deadLetterIds(assembly.store().deadLetters(), filter);
}

} // namespace carillon::commands

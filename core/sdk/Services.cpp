#include "carillon/Services.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace carillon
{

void Services::put(const std::type_info& type, void* service)
{
    _services[type] = service;
}

void* Services::find(const std::type_info& type) const
{
    const auto found = _services.find(type);
    if (found != _services.end()) return found->second;

    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
    throw ConfigurationError(std::string("no service ") + (status == 0 ? name.get() : type.name()) +
                             " is provided by this program; a plugin may use only the interfaces that its host offers");
}

} // namespace carillon

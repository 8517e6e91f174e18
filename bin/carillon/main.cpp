#include "Application.h"
#include "commands/Children.h"

int main(int argc, char** argv)
{
    // Children and plugin checks are this executable too; they must be told apart before any thread or library has begun.
    if (const auto status = carillon::commands::runAsChild(argc, argv)) return *status;
    return carillon::Application::runMain(argc, argv);
}

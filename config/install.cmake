# What 'cmake --install' puts where a distribution expects it.
install(TARGETS cald calctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS calctl-documents RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/cald)

# Units: one template, for the single brand and for the many. State and socket of a brand stand beside those of
# cald.service (/var/lib/cald@brand), not in them: systemd removes a runtime directory with all that is in it.
set(SYSTEMD_UNIT_DIR lib/systemd/system CACHE STRING "Where systemd units are installed")
set(units ${CMAKE_BINARY_DIR}/systemd)
set(BRAND_TITLE)
set(BRAND_PATH)
set(BRAND_SUFFIX)
configure_file(config/systemd/cald.service.in ${units}/cald.service @ONLY)
configure_file(config/systemd/cald.socket.in ${units}/cald.socket @ONLY)
set(BRAND_TITLE ", brand %i")
set(BRAND_PATH "/%i")
set(BRAND_SUFFIX "@%i")
configure_file(config/systemd/cald.service.in ${units}/cald@.service @ONLY)
configure_file(config/systemd/cald.socket.in ${units}/cald@.socket @ONLY)
install(FILES ${units}/cald.service ${units}/cald@.service ${units}/cald.socket ${units}/cald@.socket
        DESTINATION ${SYSTEMD_UNIT_DIR})
install(FILES config/systemd/cald.sysusers DESTINATION lib/sysusers.d RENAME cald.conf)
install(FILES config/systemd/cald.tmpfiles DESTINATION lib/tmpfiles.d RENAME cald.conf)

# Completion comes from the same tables as the commands.
set(completions ${CMAKE_BINARY_DIR}/completion)
file(MAKE_DIRECTORY ${completions})
foreach(shell IN ITEMS bash zsh fish)
  add_custom_command(OUTPUT ${completions}/${shell} COMMAND calctl completion ${shell} > ${completions}/${shell}
                     DEPENDS calctl VERBATIM)
  list(APPEND completion_files ${completions}/${shell})
endforeach()
add_custom_target(completion ALL DEPENDS ${completion_files})
install(FILES ${completions}/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME calctl)
install(FILES ${completions}/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _calctl)
install(FILES ${completions}/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME calctl.fish)

foreach(page IN ITEMS calctl.1 cald.8 cald.yaml.5 calendar.yaml.5 charter.yaml.5)
  string(REGEX MATCH "[0-9]$" section ${page})
  install(FILES config/man/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
file(GLOB json_schemas ${CMAKE_SOURCE_DIR}/schema/*.json)
install(FILES ${json_schemas} schema/openapi.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/cald/schema)
install(FILES README.md config/networks.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES config/git/pre-commit DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/git)
# One to copy and run, and below it those to read.
install(DIRECTORY config/example/ config/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# escape=`
FROM windows
RUN dir `
  C:\

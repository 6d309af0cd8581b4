  #   EsCaPe  =  `  
FROM a
RUN b `
 c
